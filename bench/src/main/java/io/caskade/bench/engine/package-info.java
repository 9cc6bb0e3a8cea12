/// Measures the storage engine against others: the same workloads, the same process, in turns.
///
/// [EngineBenchmark] runs the workloads, each on every [Engine] before the next; what they found becomes
/// [Results], which [EngineGoals] judges and [Report], [io.caskade.bench.report.ResultsFile] and [Charts] show.
/// Engines are driven by threads that a workload starts and ends; nothing else here is for several threads.
@NullMarked
package io.caskade.bench.engine;

import org.jspecify.annotations.NullMarked;
