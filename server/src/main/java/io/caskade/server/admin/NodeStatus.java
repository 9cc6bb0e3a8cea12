package io.caskade.server.admin;

import java.util.List;

/// How a node's copies were at one time.
///
/// @param node its id
/// @param incarnation which start of its process this is
/// @param version the release it runs
/// @param copies those that are open, by partition
public record NodeStatus(String node, String incarnation, String version, List<CopyStatus> copies) {

    /// Copies the list.
    public NodeStatus {
        copies = List.copyOf(copies);
    }
}
