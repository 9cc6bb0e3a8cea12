package io.caskade.cli.output;

import java.util.List;
import java.util.stream.Collectors;

/// Formats partition numbers as human-readable text. Pure.
public final class PartitionList {

    private PartitionList() {}

    /// `nothing`, `partition 3` or `partitions 1,2`.
    public static String of(List<Integer> partitions) {
        if (partitions.isEmpty()) {
            return "nothing";
        }
        return (partitions.size() == 1 ? "partition " : "partitions ")
                + partitions.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
