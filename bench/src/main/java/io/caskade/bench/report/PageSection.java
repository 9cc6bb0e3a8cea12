package io.caskade.bench.report;

/// A section of a page that a program fills in, between two markers. Immutable.
///
/// @param begin a line that stands before them
/// @param end a line that stands behind them
public record PageSection(String begin, String end) {

    /// The page with what stands between the markers replaced.
    ///
    /// @throws IllegalArgumentException when the page does not have them
    public String insert(String page, String figures) {
        int from = page.indexOf(begin);
        int to = page.indexOf(end, Math.max(from, 0));
        if (from < 0 || to < 0) {
            throw new IllegalArgumentException("the page has no place for figures: " + begin + " … " + end);
        }
        return page.substring(0, from + begin.length()) + "\n\n" + figures.strip() + "\n\n" + page.substring(to);
    }
}
