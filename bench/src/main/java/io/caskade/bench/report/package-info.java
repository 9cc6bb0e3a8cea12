/// What was measured, as people and programs read it: rows, JSON, Markdown. Knows nothing of what is measured.
@NullMarked
package io.caskade.bench.report;

import org.jspecify.annotations.NullMarked;
