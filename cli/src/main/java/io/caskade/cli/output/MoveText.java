package io.caskade.cli.output;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/// Formats plans of moves and their progress as human-readable text. Pure.
public final class MoveText {

    private static final int BAR_WIDTH = 20;
    private static final int PERCENT = 100;
    private static final double UNIT = 1024;
    private static final List<String> UNITS = List.of("KiB", "MiB", "GiB", "TiB");

    private MoveText() {}

    /// A line for each partition, and one that sums them up.
    public static List<String> plan(List<PlannedMove> moves) {
        if (moves.isEmpty()) {
            return List.of("nothing to move");
        }
        List<String> lines = new ArrayList<>();
        for (PlannedMove move : moves) {
            lines.add("partition " + move.move().partition() + ": "
                    + String.join(",", move.move().from()) + " to "
                    + String.join(",", move.move().to()) + ", " + toCopy(move.bytes(), move)
                    + (move.inProgress() ? ", in progress" : ""));
        }
        long bytes = moves.stream().mapToLong(PlannedMove::bytes).sum();
        lines.add(count(moves.size()) + ", " + size(bytes) + " to copy");
        return lines;
    }

    private static String toCopy(long bytes, PlannedMove move) {
        return move.move().added().isEmpty() ? "nothing to copy" : size(bytes) + " to copy";
    }

    /// A bar with how much is copied, how fast, and how long the rest takes.
    ///
    /// @param bytesPerSecond empty when it is not known yet
    public static String bar(long copied, long bytes, int done, int moves, OptionalLong bytesPerSecond) {
        double part = bytes > 0 ? (double) copied / bytes : moves > 0 ? (double) done / moves : 1;
        int full = (int) (part * BAR_WIDTH);
        StringBuilder text = new StringBuilder("[")
                .repeat('#', full)
                .repeat('.', BAR_WIDTH - full)
                .append("] ")
                .append((int) (part * PERCENT))
                .append("%, ")
                .append(size(copied))
                .append(" of ")
                .append(size(bytes))
                .append(", ")
                .append(done)
                .append(" of ")
                .append(count(moves));
        if (bytesPerSecond.isPresent() && bytesPerSecond.getAsLong() > 0) {
            long rate = bytesPerSecond.getAsLong();
            text.append(", ").append(size(rate)).append("/s");
            if (bytes > copied) {
                text.append(", ")
                        .append(duration(Math.ceilDiv(bytes - copied, rate)))
                        .append(" left");
            }
        }
        return text.toString();
    }

    private static String count(int partitions) {
        return partitions == 1 ? "1 partition" : partitions + " partitions";
    }

    private static String duration(long seconds) {
        Duration left = Duration.ofSeconds(seconds);
        if (left.toHours() > 0) {
            return left.toHours() + "h" + left.toMinutesPart() + "m";
        }
        return left.toMinutes() > 0 ? left.toMinutes() + "m" + left.toSecondsPart() + "s" : seconds + "s";
    }

    /// `512 B`, `1.5 MiB`.
    static String size(long bytes) {
        double size = bytes;
        String unit = "B";
        for (String larger : UNITS) {
            if (size < UNIT) {
                break;
            }
            size /= UNIT;
            unit = larger;
        }
        return unit.equals("B") ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", size, unit);
    }
}
