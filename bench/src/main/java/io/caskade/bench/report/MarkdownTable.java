package io.caskade.bench.report;

import java.util.List;
import java.util.Locale;

/// Tables that read well on a terminal and as Markdown. Pure.
public final class MarkdownTable {

    private MarkdownTable() {}

    /// A table with its columns aligned.
    ///
    /// @param lines each as long as the header
    public static String of(List<String> header, List<List<String>> lines) {
        int[] widths = new int[header.size()];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = header.get(column).length();
            for (List<String> line : lines) {
                widths[column] = Math.max(widths[column], line.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder();
        append(text, header, widths);
        for (int width : widths) {
            text.append("|-").append("-".repeat(width)).append('-');
        }
        text.append("|\n");
        lines.forEach(line -> append(text, line, widths));
        return text.toString();
    }

    /// A figure with a sensible number of digits.
    public static String number(double value) {
        if (value < 1) {
            return String.format(Locale.ROOT, "%.4f", value);
        }
        return value < 1000 ? String.format(Locale.ROOT, "%.1f", value) : String.format(Locale.ROOT, "%,.0f", value);
    }

    private static void append(StringBuilder text, List<String> cells, int[] widths) {
        for (int column = 0; column < widths.length; column++) {
            String cell = cells.get(column);
            text.append("| ").append(cell).append(" ".repeat(widths[column] - cell.length() + 1));
        }
        text.append("|\n");
    }
}
