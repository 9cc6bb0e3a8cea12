package io.caskade.server.admin;

import java.util.List;

/// A snapshot of the status of a node's copies.
///
/// @param node its id
/// @param incarnation its incarnation
/// @param version the release it runs
/// @param copies its open copies, by partition
public record NodeStatus(String node, String incarnation, String version, List<CopyStatus> copies) {

    /// Copies the list.
    public NodeStatus {
        copies = List.copyOf(copies);
    }
}
