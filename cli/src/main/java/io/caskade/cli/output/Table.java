package io.caskade.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Formats columns as wide as their widest cell, under a heading. Not thread-safe.
public final class Table {

    private static final int BETWEEN_COLUMNS = 2;

    private final List<List<Cell>> rows = new ArrayList<>();

    /// One cell.
    ///
    /// @param style applied to the text after padding
    public record Cell(String text, UnaryOperator<String> style) {

        /// A cell in the normal style.
        public static Cell of(String text) {
            return new Cell(text, UnaryOperator.identity());
        }

        /// A number in the normal style.
        public static Cell of(long number) {
            return of(Long.toString(number));
        }
    }

    public Table(Style style, String... heading) {
        row(List.of(heading).stream().map(text -> new Cell(text, style::faint)).toArray(Cell[]::new));
    }

    /// Adds a row, which has as many cells as the heading.
    public void row(Cell... cells) {
        rows.add(List.of(cells));
    }

    /// All rows, the heading first.
    public List<String> lines() {
        return rows.stream().map(this::line).toList();
    }

    private String line(List<Cell> row) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            Cell cell = row.get(column);
            line.append(cell.style().apply(cell.text()));
            if (column + 1 < row.size()) {
                line.repeat(' ', width(column) - cell.text().length() + BETWEEN_COLUMNS);
            }
        }
        return line.toString();
    }

    private int width(int column) {
        return rows.stream()
                .mapToInt(row -> row.get(column).text().length())
                .max()
                .orElse(0);
    }
}
