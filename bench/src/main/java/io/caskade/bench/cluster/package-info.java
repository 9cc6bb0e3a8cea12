/// Measures a running cluster through the Java client: how much it does, how long it is away when a part of
/// it goes, and what the return of a node costs.
///
/// [Main] has a command for each. [ClosedLoop] and [OpenLoop] drive a client and tell a [OperationListener]
/// how each operation ended; [Throughput], [Availability] and [CatchUp] make figures of that; [ClusterGoals]
/// and [ClusterPage] judge and show them. [ClusterProcesses] ends and starts the processes of `make cluster`.
@NullMarked
package io.caskade.bench.cluster;

import org.jspecify.annotations.NullMarked;
