/// Measures a cluster: how much it does, beside peers and alone, how long it is away when a part of it goes,
/// and what the return of a node costs.
///
/// [Main] has a command for each. [MeasuredCluster] is the one that is running, or one that is started for
/// this. [Throughput], [Availability] and [CatchUp] make figures of loads; [ClusterGoals] and [ClusterPage]
/// judge and show them. [ClusterProcesses] ends and starts the processes of `make cluster`.
@NullMarked
package io.caskade.bench.cluster;

import org.jspecify.annotations.NullMarked;
