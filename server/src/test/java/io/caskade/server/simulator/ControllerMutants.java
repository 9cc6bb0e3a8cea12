package io.caskade.server.simulator;

import java.util.List;

/// Mistakes in how controllers repair and move, and in what leaders do for that.
final class ControllerMutants {

    private static final String CLUSTER = "src/main/java/io/caskade/server/cluster/";
    private static final String CONTROLLER = "src/main/java/io/caskade/server/controller/";

    private ControllerMutants() {}

    static List<Mutant> all() {
        return List.of(
                inController(
                        "a copy is taken off before another that is to stay is in sync",
                        "Reassignment",
                        "if (!isSettled(state)) {",
                        "if (state.epoch() < 0) {"),
                inController(
                        "all missing copies are added at once",
                        "Reassignment",
                        "replicas.add(node);",
                        "state.target().stream().filter(other -> !state.isReplica(other)).forEach(replicas::add);"),
                inController(
                        "a copy that is in sync is taken off",
                        "Reassignment",
                        "&& state.inSyncCopyOf(node).isEmpty())",
                        ")"),
                inController(
                        "a leader that is to go is never asked to hand over",
                        "LeaderSelection",
                        " || Reassignment.awaitsLeader(state);",
                        ";"),
                inCluster(
                        "a copy is deleted before the reassignment has finished",
                        "PartitionState",
                        "        return !isReplica(node)\n                && !isReassigning()\n",
                        "        return !isStaying(node)\n"),
                inCluster(
                        "a copy is deleted before all others are in sync",
                        "PartitionState",
                        "                        || replicas.stream()\n                                .allMatch(replica",
                        "                        || replicas.stream()\n                                .anyMatch(replica"),
                new Mutant(
                        true,
                        "all copies of a node are filled at once",
                        CONTROLLER + "CatchUpLimit.java",
                        List.of(new Mutant.Edit("< COPIES_AT_A_TIME;", "< Integer.MAX_VALUE;"))),
                Mutant.rare(
                        "copies in sync are throttled",
                        "LeaderState",
                        "return (copy == null || !state.isInSync(copy)) && ",
                        "return "),
                Mutant.rare(
                        "a copy with a small lag is throttled",
                        "LeaderState",
                        " && !follower.hasLatelyCaughtUp(timeouts.lag(), now);",
                        ";"),
                Mutant.rare(
                        "what is sent to a copy that is not in sync is not paid",
                        "LeaderState",
                        "            throttle.pay(sent.bytes());\n",
                        ""),
                Mutant.around(
                        "two controllers write",
                        "CoordinationServers",
                        "if (epoch != controllerEpoch) {",
                        "if (epoch < 0) {"),
                Mutant.around(
                        "a controller changes what it has not seen",
                        "CoordinationServers",
                        "boolean changed = stored == null || stored.version() != expected;",
                        "boolean changed = stored == null;"),
                Mutant.of(
                        "a move leaves fewer in sync than must be",
                        "LeaderState",
                        "if (wanted.size() > state.target().size()) {",
                        "if (wanted.size() > 1) {"),
                Mutant.rare(
                        "a move leaves fewer in sync than its target has",
                        "LeaderState",
                        "if (wanted.size() > state.target().size()) {",
                        "if (wanted.size() > state.minInSync()) {"),
                Mutant.rare(
                        "a copy leaves before another that is to stay is in sync",
                        "LeaderState",
                        "if (state.isReassigning() && hasAllThatStay(wanted, state, now)) {",
                        "if (state.isReassigning()) {"),
                Mutant.rare(
                        "a copy that is to go joins again",
                        "LeaderState",
                        ".sorted(Comparator.comparing(state::isInSync).thenComparing(CopyId::node))",
                        ".sorted(Comparator.comparing(CopyId::node))"),
                Mutant.rare(
                        "a leader whose successor does not catch up ends",
                        "LeadershipTransfer",
                        "        if (copy.isStopping()) {\n            becomeStopped(effects);",
                        "        if (abandonedAt == null) {\n            becomeStopped(effects);"),
                Mutant.rare(
                        "writes are held up again and again for a successor that does not catch up",
                        "LeadershipTransfer",
                        "        abandonedAt = now;\n",
                        ""));
    }

    private static Mutant inCluster(String mistake, String file, String original, String replacement) {
        return new Mutant(false, mistake, CLUSTER + file + ".java", List.of(new Mutant.Edit(original, replacement)));
    }

    private static Mutant inController(String mistake, String file, String original, String replacement) {
        return new Mutant(false, mistake, CONTROLLER + file + ".java", List.of(new Mutant.Edit(original, replacement)));
    }
}
