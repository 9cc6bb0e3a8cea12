package io.caskade.bench.cluster;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/// How the cluster's processes are found and started. Filled by picocli, read only afterwards.
final class ProcessOptions {

    @Option(
            names = "--run",
            paramLabel = "DIR",
            defaultValue = "run",
            description = "Where make cluster keeps node-N.pid and zookeeper.pid. Default: ${DEFAULT-VALUE}.")
    private Path run = Path.of("");

    @Option(
            names = "--start-node",
            paramLabel = "COMMAND",
            defaultValue = "make -s cluster-node N={}",
            description = "Starts node number {} and returns when it serves. Default: ${DEFAULT-VALUE}.")
    private String startNode = "";

    ClusterProcesses processes() {
        return new ClusterProcesses(run, List.of(startNode.split(" ")));
    }
}
