/// Compares Caskade with other servers in one run: the same loads, in turns, at the same durability and number
/// of copies.
///
/// A [Contender] is a server, or several, spoken to over one protocol. [LoadMeter] measures one load on one of
/// them, [LoadComparison] all loads on all; [ComparisonGoals] and [ComparisonPage] judge and show the rows that
/// come of it.
@NullMarked
package io.caskade.bench.comparison;

import org.jspecify.annotations.NullMarked;
