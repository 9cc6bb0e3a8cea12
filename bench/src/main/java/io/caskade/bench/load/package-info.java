/// Loads and what is heard of them. [ClosedLoop] and [OpenLoop] start the operations of an [OperationSource]
/// and tell an [OperationListener] how each ended; [MeasurementWindow] makes figures of that. [WireClient] is a
/// source that speaks a protocol of bytes itself, for Caskade and for others alike.
@NullMarked
package io.caskade.bench.load;

import org.jspecify.annotations.NullMarked;
