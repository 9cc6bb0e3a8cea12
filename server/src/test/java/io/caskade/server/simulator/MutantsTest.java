package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Known mistakes, put back one at a time: the simulation detects each within a number of seeds, or a test of
/// replicas does what chance would take too long to do.
///
/// The seed or test that noticed a mistake last is kept in `mutants.txt` and is tried first; when it does not
/// any more, the others are. `-Dmutants=write` writes the file again.
class MutantsTest {

    /// Each mistake that chance can reveal is revealed within a number of seeds.
    private static final int SEEDS = 1000;

    /// So many mistakes at least show by chance alone.
    private static final int BY_CHANCE = 25;

    private static final Path KNOWN = Path.of("src", "test", "resources", "mutants.txt");
    private static final String SEED = "seed ";
    private static final String WRITE_AGAIN = "write it again with -Dmutants=write";

    /// What has noticed each mistake in this run.
    private static final Map<String, String> FOUND = new TreeMap<>();

    @ParameterizedTest
    @MethodSource("all")
    void isNoticed(Mutant mutant) throws Exception {
        ClassLoader loader = MutantCompiler.load(mutant);
        String likely = known().get(mutant.mistake());
        String noticed = mutant.scripted() ? byScript(mutant, loader, likely) : bySimulation(mutant, loader, likely);
        assertThat(noticed).as("what shows that %s", mutant).isNotNull();
        System.out.printf(Locale.ROOT, "%s: %s%n", mutant, noticed);
    }

    @AfterAll
    static void keepWhatNoticed() throws IOException {
        if (isWriting()) {
            List<String> lines = new ArrayList<>();
            FOUND.forEach((mistake, noticing) -> lines.add(noticing + "\t" + mistake));
            Files.write(KNOWN, lines);
        }
    }

    private static boolean isWriting() {
        return "write".equals(System.getProperty("mutants"));
    }

    /// What has noticed each mistake.
    private static Map<String, String> known() throws IOException {
        Map<String, String> known = new TreeMap<>();
        for (String line : Files.readAllLines(KNOWN)) {
            int tab = line.indexOf('\t');
            known.put(line.substring(tab + 1), line.substring(0, tab));
        }
        return known;
    }

    /// The seeds that have noticed mistakes.
    private static Set<Long> knownSeeds() throws IOException {
        return known().values().stream()
                .filter(MutantsTest::isSeed)
                .map(MutantsTest::seedIn)
                .collect(Collectors.toSet());
    }

    private static boolean isSeed(String noticing) {
        return noticing.startsWith(SEED);
    }

    private static long seedIn(String noticing) {
        return Long.parseLong(noticing.substring(SEED.length()));
    }

    private static @Nullable String byScript(Mutant mutant, ClassLoader loader, @Nullable String likely)
            throws Exception {
        Callable<?> run = (Callable<?>) loader.loadClass(ScriptRun.class.getName())
                .getConstructor(String.class)
                .newInstance(likely);
        Object failed = run.call();
        if (failed == null) {
            return null;
        }
        FOUND.put(mutant.mistake(), failed.toString());
        return failed.toString();
    }

    /// The seeds to try, first the one that is likely to notice a mistake.
    static LongStream seedsFrom(long likely) {
        return LongStream.concat(
                LongStream.of(likely), LongStream.rangeClosed(1, SEEDS).filter(seed -> seed != likely));
    }

    private static @Nullable String bySimulation(Mutant mutant, ClassLoader loader, @Nullable String likely)
            throws Exception {
        LongFunction<?> run = (LongFunction<?>) made(loader, SeedRun.class);
        for (long seed :
                seedsFrom(likely != null && isSeed(likely) ? seedIn(likely) : 1).toArray()) {
            Object broken = run.apply(seed);
            if (broken != null) {
                FOUND.put(mutant.mistake(), SEED + seed);
                return SEED + seed + ": " + broken;
            }
        }
        return null;
    }

    @Test
    @DisabledIfSystemProperty(named = "mutants", matches = "write")
    void whatIsKeptIsASeedForWhatTheSimulationNoticesAndATestForTheOthers() throws IOException {
        Set<String> byChance = mistakes(mutant -> !mutant.scripted());
        Map<String, String> known = known();

        assertThat(byChance).hasSizeGreaterThanOrEqualTo(BY_CHANCE);
        assertThat(known.keySet())
                .as("%s; %s", KNOWN, WRITE_AGAIN)
                .containsExactlyInAnyOrderElementsOf(mistakes(_ -> true));
        for (Map.Entry<String, String> each : known.entrySet()) {
            assertThat(isSeed(each.getValue()))
                    .as("a seed notices that %s", each.getKey())
                    .isEqualTo(byChance.contains(each.getKey()));
            assertThat(isSeed(each.getValue()) || ScriptRun.exists(each.getValue()))
                    .as("%s, which notices that %s; %s", each.getValue(), each.getKey(), WRITE_AGAIN)
                    .isTrue();
        }
    }

    private static Set<String> mistakes(Predicate<Mutant> which) {
        return all().stream().filter(which).map(Mutant::mistake).collect(Collectors.toSet());
    }

    /// [SimulationTest] runs the others.
    @Test
    void noSeedThatNoticesAMistakeFailsWithoutIt() throws IOException {
        for (long seed : knownSeeds()) {
            if (seed > SimulationTest.SEEDS) {
                assertThat(new SeedRun().apply(seed)).as("seed %d", seed).isNull();
            }
        }
    }

    @Test
    void aFailingSeedShrinksToFewerFaultsThatStillMakeItFail() throws Exception {
        Mutant mutant = mutants().stream()
                .filter(one -> one.mistake().equals("the in-sync set shrinks below min-insync"))
                .findFirst()
                .orElseThrow();
        ClassLoader loader = MutantCompiler.load(mutant);
        assertThat(bySimulation(mutant, loader, known().get(mutant.mistake()))).isNotNull();
        long seed = seedIn(Objects.requireNonNull(FOUND.get(mutant.mistake())));

        List<?> faults = (List<?>) ((LongFunction<?>) made(loader, ShrinkRun.class)).apply(seed);

        int before = (int) faults.get(0);
        int after = (int) faults.get(1);
        assertThat(after).as("of %d faults", before).isLessThan(before);
        assertThat(faults.get(2)).as("faults of the same run again").isEqualTo(after);
    }

    private static Object made(ClassLoader loader, Class<?> type) throws Exception {
        return loader.loadClass(type.getName()).getConstructor().newInstance();
    }

    private static List<Mutant> all() {
        return Stream.of(mutants(), ControllerMutants.all(), HostingMutants.all(), ProxyMutants.all())
                .flatMap(List::stream)
                .toList();
    }

    static List<Mutant> mutants() {
        return List.of(
                Mutant.of(
                        "logs part where the shorter one ends (KIP-101)",
                        "LeaderState",
                        "long divergencePoint = LogDivergence.of(positions.epochs(), positions.logEnd(), open.epochs(), open.logEnd());",
                        "long divergencePoint = Math.min(positions.logEnd(), open.logEnd());"),
                Mutant.of(
                        "a copy joins before it has caught up",
                        "LeaderState",
                        "&& follower.acknowledgedEndOf(copy) >= Math.max(epochStart, positions.highWatermark())",
                        ""),
                Mutant.of(
                        "the high watermark counts only the in-sync set that is settled",
                        "LeaderTasks",
                        "copy.advanceHighWatermark(leaderState.minAcknowledgedEnd(tracker.maximalIsr()), effects);",
                        "copy.advanceHighWatermark(leaderState.minAcknowledgedEnd(current.isr()), effects);"),
                Mutant.of(
                        "a re-read that shows the old state settles a write",
                        "PartitionStateTracker",
                        "if (seen.version() > sent.expectedVersion()) {",
                        "if (seen.version() >= sent.expectedVersion()) {"),
                Mutant.of(
                        "a write without an answer is taken for lost",
                        "PartitionStateTracker",
                        "        outcomeUnknown = true;\n        read(now, effects);",
                        "        pendingWrite = null;\n        read(now, effects);"),
                Mutant.rare(
                        "reads wait for a lease without end",
                        "LeaderTasks",
                        "return now.since(since) >= maxLeaseWaitMillis;",
                        "return false;"),
                Mutant.of(
                        "reads are answered without a lease",
                        "LeaderTasks",
                        "if (hasLease(now)) {",
                        "if (now.wall() > 0) {"),
                Mutant.of(
                        "the lease does not count the copies in sync but the leader",
                        "LeaderTasks",
                        "hasLeaseFrom(tracker.maximalIsr(), now);",
                        "hasLeaseFrom(Set.of(copy.identity()), now);"),
                Mutant.rare(
                        "the lease counts only those in sync that are settled",
                        "LeaderTasks",
                        "hasLeaseFrom(tracker.maximalIsr(), now);",
                        "hasLeaseFrom(tracker.current().isr(), now);"),
                Mutant.rare(
                        "a promise is forgotten once it is made",
                        "Replica",
                        "            copy.recordLeaseGrant(now);\n",
                        ""),
                Mutant.rare(
                        "a new leader changes the in-sync set at once",
                        "LeaderTasks",
                        "boolean mayChange = copy.role() instanceof Leader || leaderState.haveOlderLeasesEnded(now);",
                        "boolean mayChange = true;"),
                Mutant.of(
                        "a lease goes by the monotonic clock alone",
                        "ClockReading",
                        "return monotonic < other.monotonic && wall < other.wall;",
                        "return monotonic < other.monotonic;"),
                Mutant.rare(
                        "a new process has promised nothing",
                        "LocalCopy",
                        "leaseGrantedUntil = now.monotonic() + formerGrace;",
                        "leaseGrantedUntil = now.monotonic();"),
                Mutant.of(
                        "a leader counts a lease grant for longer than the follower keeps to it",
                        "Timeouts",
                        "return granted >= grant ? lease : granted * lease / grant;",
                        "return lease;"),
                Mutant.rare(
                        "a follower grants for longer than it keeps to it",
                        "LocalCopy",
                        "heartbeat.sentAt(), timeouts.grant(), space",
                        "heartbeat.sentAt(), 2 * timeouts.grant(), space"),
                Mutant.rare(
                        "a lease grant leaves no room for the drift of clocks",
                        "Timeouts",
                        "lease + Math.max(1, lease / DRIFT_PART)",
                        "lease + 1"),
                Mutant.rare(
                        "a new process waits for earlier leases as long as its own settings say",
                        "LocalCopy",
                        "now.monotonic() + formerGrace;",
                        "now.monotonic() + timeouts.grace();"),
                Mutant.rare(
                        "a leader hands over for a full disk to a copy that has no room either",
                        "LeaderState",
                        "follows(follower, state, now) && follower.hasRoom();",
                        "follows(follower, state, now);"),
                Mutant.rare(
                        "a copy does not say that its disk is full",
                        "LocalCopy",
                        "timeouts.grant(), space != DiskSpace.ROOM);",
                        "timeouts.grant(), false);"),
                Mutant.rare(
                        "a restarted copy joins at once",
                        "LeaderState",
                        "(!follower.hasJustConnected(WARM_UP_MILLIS, now) || lacksCopies(state, now))",
                        "now.monotonic() >= 0"),
                Mutant.rare(
                        "a restarted copy warms up where it is needed",
                        "LeaderState",
                        "(!follower.hasJustConnected(WARM_UP_MILLIS, now) || lacksCopies(state, now))",
                        "!follower.hasJustConnected(WARM_UP_MILLIS, now)"),
                Mutant.rare(
                        "leadership returns to a node that has just been restarted",
                        "LeadershipTransfer",
                        "                        && !leaderState.hasJustConnected(successor, now);",
                        "                        && !tracker.isUnreachable();"),
                Mutant.rare(
                        "leadership goes to and fro between disks that are all nearly full",
                        "LeadershipTransfer",
                        "                && !isRecent(copy.requireLeaderState().since(), now)\n",
                        ""),
                Mutant.rare(
                        "a leader whose disk is full stays in sync and holds the next one up",
                        "LeadershipTransfer",
                        "(mustResign() || isForFullDisk()) && isr.size()",
                        "mustResign() && isr.size()"),
                Mutant.rare(
                        "a new leader takes any copy for silent since the former leader's last heartbeat",
                        "FormerLeader",
                        "other.equals(node) ? heardAt : election",
                        "heardAt.monotonic() > 0 ? heardAt : election"),
                Mutant.rare(
                        "the silence of a former leader counts from the election",
                        "FormerLeader",
                        "other.equals(node) ? heardAt : election",
                        "election"),
                Mutant.rare(
                        "a candidate does not hear its leader",
                        "Replica",
                        "if (copy.role() instanceof Candidate) {",
                        "if (copy.role() instanceof Candidate && copy.isStopping()) {"),
                Mutant.rare(
                        "a grant shorter than a lease",
                        "LocalCopy",
                        "now.monotonic() + timeouts.grant() + 1);",
                        "now.monotonic() + timeouts.lease() / 4);"),
                Mutant.of(
                        "a restarted leader goes on in its epoch",
                        "Election",
                        "if (copy.incarnation().equals(leader) && current.isInSync(copy.identity()) && current.epoch() > latest) {",
                        "if (leader != null && leader.node().equals(copy.node()) && current.isInSync(copy.identity())) {"),
                Mutant.of(
                        "min-insync does not hold writes back",
                        "LeaderTasks",
                        "if (current.isr().size() >= current.minInSync()) {",
                        "if (current.id() >= 0) {"),
                Mutant.of(
                        "the in-sync set shrinks below min-insync",
                        "LeaderState",
                        "if (wanted.size() > state.minInSync()) {",
                        "if (wanted.size() > 1) {"),
                Mutant.of(
                        "followers acknowledge what is not synced",
                        "FollowerState",
                        "positions.acknowledgedEnd(),\n                            diskFull,",
                        "positions.logEnd(),\n                            diskFull,"),
                Mutant.of(
                        "the leader counts what it has not synced",
                        "LeaderState",
                        "return positions.acknowledgedEnd();",
                        "return positions.logEnd();"),
                Mutant.rare(
                        "two processes of a node number their streams alike",
                        "LocalCopy",
                        "this.lastStream = options.lastStream();",
                        "this.lastStream = 0;"),
                Mutant.rare(
                        "positions count from any stream",
                        "LeaderState",
                        "if (follower.isStream(sender, ack.streamId())) {",
                        "if (follower.incarnation() != null) {"),
                Mutant.rare(
                        "positions count from any epoch",
                        "LocalCopy",
                        "return leaderState != null && leaderState.epoch() == epoch;",
                        "return leaderState != null;"),
                Mutant.rare(
                        "records of older epochs are committed before the MARK",
                        "LeaderState",
                        "return least < epochStart ? -1 : least;",
                        "return least;"),
                Mutant.of(
                        "a copy that lacks tombstones is streamed to from where it is",
                        "LeaderState",
                        "boolean rebuild = open.logEnd() > 0 && lacksTombstones;",
                        "boolean rebuild = false;"),
                Mutant.rare(
                        "the purge horizon does not travel",
                        "FollowerState",
                        "positions.raiseBounds(new Effects.Bounds(append.purgeHorizon(), append.completeAt(), append.logTime()))",
                        "positions.raiseBounds(new Effects.Bounds(0, append.completeAt(), append.logTime()))"),
                Mutant.rare(
                        "tombstones are purged before a copy that is being streamed to has them",
                        "Replica",
                        "return leaderState == null ? copy.positions().purgeHorizon() : leaderState.localPurgeHorizon();",
                        "return copy.positions().purgeHorizon();"),
                Mutant.of(
                        "older states are believed",
                        "PartitionStateTracker",
                        "if (older || repeated) {",
                        "if (repeated) {"),
                Mutant.of(
                        "one that hands over goes on answering",
                        "LeaderTasks",
                        "boolean serves = copy.role() instanceof Leader || copy.role() instanceof Transferring;\n        return serves && ",
                        "boolean serves = copy.leaderState() != null;\n        return serves && "),
                Mutant.of(
                        "what was cut still counts (seed 8)",
                        "FollowerState",
                        "            positions.truncateTo(last);\n",
                        ""),
                Mutant.of(
                        "a cut log keeps its history of epochs",
                        "LogPositions",
                        "        epochs = epochs.upTo(last);\n",
                        ""),
                Mutant.of(
                        "a follower shows what the leader has committed, not what it holds",
                        "FollowerState",
                        "Math.min(leaderHighWatermark, positions.acknowledgedEnd())",
                        "leaderHighWatermark"),
                Mutant.rare(
                        "appends that leave a gap are stored",
                        "FollowerState",
                        "if (append.previousSequence() != expectedEnd() || nextAppends",
                        "if (append.lastSequence() <= expectedEnd() || nextAppends"),
                Mutant.rare(
                        "an append that arrives while one is stored ends the stream",
                        "FollowerState",
                        "        } else if (pendingAppend != null) {\n            nextAppends.add(append);\n",
                        "        } else if (pendingAppend != null) {\n            closeStream();\n"),
                Mutant.rare(
                        "appends of an older stream are stored",
                        "FollowerState",
                        "EpochHistory leaderEpochs))\n                || stream != append.streamId()) {",
                        "EpochHistory leaderEpochs)) || stream < 0) {"),
                Mutant.rare(
                        "a leader whose disk hangs removes the others (seed 153)",
                        "LeaderTasks",
                        "!mayChange || batcher.isSyncStalled(now)",
                        "!mayChange"),
                Mutant.rare(
                        "a stream is closed and its follower not told (seed 10)",
                        "LeaderState",
                        "effects.send(sender.node(), new Message.StreamClosed(epoch, ack.streamId()));",
                        ""),
                Mutant.of(
                        "a deposed leader says that what is in its log was not done",
                        "Election",
                        "batcher.pending().refuseAll(Refusal.OUTCOME_UNKNOWN,",
                        "batcher.pending().refuseAll(Refusal.NOT_LEADER,"),
                Mutant.of(
                        "a failed condition does not wait for what it rests on",
                        "LeaderTasks",
                        "batcher.pending().addAnswer(request.token(), request.sequence());",
                        "batcher.pending().addAnswer(request.token(), 0);"),
                Mutant.of(
                        "writes are acknowledged when the leader holds them",
                        "ProposalBatcher",
                        "pending.settleWrites(positions.highWatermark(), effects);",
                        "pending.settleWrites(positions.acknowledgedEnd(), effects);"),
                Mutant.of(
                        "the leader alone acknowledges what it has not synced",
                        "LeaderTasks",
                        "pending.settleLeaderAcked(positions.acknowledgedEnd(), effects);",
                        "pending.settleLeaderAcked(positions.logEnd(), effects);"),
                Mutant.of(
                        "a deposed leader takes back what it alone has acknowledged",
                        "PendingRequests",
                        "        if (!alreadyAcknowledged) {",
                        "        if (!alreadyAcknowledged || proposal.sequence() >= 0) {"),
                Mutant.rare(
                        "what the leader alone must hold is taken below min-insync",
                        "LeaderTasks",
                        "Refusal refusal = refusal(now);\n        if (refusal != null) {\n            effects.settle(proposal",
                        "Refusal refusal = copy.role() instanceof Leader ? null : refusal(now);\n        if (refusal != null) {\n            effects.settle(proposal"),
                Mutant.of(
                        "the log is not told the time by which something has expired",
                        "LeaderTasks",
                        "} else if (request.time() > 0) {",
                        "} else if (request.time() < 0) {"),
                Mutant.of(
                        "a leader goes by its own clock though the log has been told a later time",
                        "Replica",
                        "return batcher.clockTime(now, logTime);",
                        "return batcher.clockTime(now, 0);"),
                Mutant.of(
                        "the log's time stands still while it is ahead of the clock",
                        "Replica",
                        "return batcher.clockTime(now, logTime);",
                        "return Math.max(now.wall(), logTime);"),
                Mutant.rareHosting(
                        "absent is answered by the clock alone",
                        "CommandExecutor",
                        "dependsOn, needsTime ? now : 0,",
                        "dependsOn, 0,"),
                Mutant.of(
                        "a copy answers before it has come as far as a read's context",
                        "DeferredReads",
                        "positions.highWatermark() >= Math.max(1, read.sequence())",
                        "positions.highWatermark() >= 1"),
                Mutant.rare(
                        "a copy is read that lacks what merging has dropped",
                        "DeferredReads",
                        "return positions.isCompleteAt(positions.highWatermark())\n                && ",
                        "return "),
                Mutant.rare(
                        "a copy is read at a high watermark below what merging has dropped",
                        "DeferredReads",
                        "return positions.isCompleteAt(positions.highWatermark())\n                && ",
                        "return positions.isComplete() && "),
                Mutant.rare(
                        "a context of a lost history is taken for one that was reached",
                        "DeferredReads",
                        "positions.highWatermark())) > read.epoch()",
                        "positions.highWatermark())) < 0"),
                Mutant.rare(
                        "a leader waits for what it knows was never committed",
                        "DeferredReads",
                        "                || isUnknownToLeader(read, now);",
                        ";"),
                Mutant.rare(
                        "a leader without a lease takes itself for the one that knows all",
                        "DeferredReads",
                        "                && leaderTasks.hasLease(now)\n",
                        ""),
                Mutant.rare(
                        "a leader takes the context of a later epoch for one that it has reached",
                        "DeferredReads",
                        "(read.epoch() > leader.epoch()",
                        "(leader.epoch() < 0"),
                Mutant.rare(
                        "a damaged copy is read though others can be asked",
                        "DeferredReads",
                        "copy.damage() == null ? null : Refusal.COPY_FENCED",
                        "null"),
                Mutant.rare(
                        "a read that may not wait waits for the next event",
                        "DeferredReads",
                        "if (now.monotonic() < asked.until()) {",
                        "if (now.monotonic() <= asked.until()) {"),
                Mutant.rare(
                        "a leader does not pass on that its log was received with gaps (seed 1371)",
                        "Effects",
                        "previousSequence < completeAt ? completeAt : 0",
                        "0"),
                Mutant.rare(
                        "a copy that lost its proof leads though another may have all",
                        "FailureDetector",
                        "|| others.stream().anyMatch(response -> state.isInSync(response.copy()))) {",
                        ") {"),
                Mutant.rare(
                        "a copy that lost its proof does not wait for all who were in sync",
                        "FailureDetector",
                        "if (preVoteStartedAt == null || !responses.keySet().containsAll(holders)) {",
                        "if (preVoteStartedAt == null || responses.isEmpty()) {"),
                Mutant.rare(
                        "a copy waits for the answer of a leader whose connection broke",
                        "FailureDetector",
                        "|| disconnected.contains(node));",
                        ");"),
                Mutant.rare(
                        "who has just lost the leader is still taken for one that hears it",
                        "FailureDetector",
                        "            nextPreVoteAt = null;\n",
                        ""),
                Mutant.rare(
                        "a copy whose disk is full holds writes up until it lags",
                        "LeaderState",
                        "                || follower.wantsToLeave(copy)\n",
                        ""),
                Mutant.rare(
                        "a follower that stops is waited for",
                        "LeadershipTransfer",
                        "                if (isLeavingIsr(now)) {\n                    copy.requireFollowerState().requestIsrRemoval(effects);\n                }\n",
                        ""),
                Mutant.rare(
                        "a follower that stops takes over", "Election", "copy.isStopping()\n                ||", ""),
                Mutant.rare(
                        "a copy whose disk is full joins",
                        "LeaderState",
                        "                && !follower.wantsToLeave(copy)\n                && !follower.lags",
                        "                && !follower.lags"),
                Mutant.hosting(
                        "a wiped copy keeps its identity",
                        "ReplicaDriver",
                        "new CopyId(replica.copyId().node(), store().id().toString())));",
                        "replica.copyId()));"),
                Mutant.rareHosting(
                        "a read is answered in another epoch than it was made in",
                        "CommandExecutor",
                        "if (requireServingEpoch() != epoch) {",
                        "if (requireServingEpoch() < 0) {"),
                Mutant.of(
                        "a new copy counts for what the one before it held",
                        "FollowerProgress",
                        "if (!open.copy().equals(copy)) {",
                        "if (copy == null) {"),
                Mutant.rare(
                        "a stream is opened before the MARK is in the log",
                        "LeaderState",
                        "return positions.logEnd() >= epochStart;",
                        "return epochStart > 0;"),
                Mutant.rare(
                        "who asks for a stream too early is not heard",
                        "LeaderTasks",
                        "        openStreams(now, effects);\n        if (current",
                        "        if (current"),
                Mutant.rare(
                        "a new leader asks for no lease grants before its next tick",
                        "LeaderTasks",
                        "leaderState.sendHeartbeat(asked.sender().node(), copy.isDamaged(), now, effects);",
                        "asked.open();"),
                Mutant.rare(
                        "a group waits for writers that do not come",
                        "CommitDelay",
                        " && now.monotonic() < end();",
                        ";"),
                Mutant.rare(
                        "a group waits for writers again and again in vain",
                        "CommitDelay",
                        "skips = duringDelays.areFasterThan(duringCommits) ? ",
                        "skips = size >= 0 ? "),
                Mutant.rare(
                        "a group that did not wait for writers counts for one that did in vain",
                        "CommitDelay",
                        "        if (delayed) {\n",
                        "        if (expectedBack > 0) {\n"),
                Mutant.rare(
                        "a group that waits for writers is not looked at again",
                        "ProposalBatcher",
                        "                effects.wakeAfter(millis);\n",
                        "                effects.info(\"waiting\");\n"),
                Mutant.rare(
                        "an answer that needs a MARK waits for other writers",
                        "ProposalBatcher",
                        "boolean delayed = !pending.isMarkRequired() && ",
                        "boolean delayed = "),
                Mutant.rare(
                        "a leader that stops leaves fewer in sync than must be",
                        "LeadershipTransfer",
                        "isr.size() > current.minInSync()",
                        "isr.size() > 1"),
                Mutant.rare(
                        "a copy that claims answers older heartbeats",
                        "LocalCopy",
                        "return isFollowing() && requireFollowerState().matches(epoch, leader);",
                        "return followerState != null && requireFollowerState().matches(epoch, leader);"),
                Mutant.rare(
                        "a process that was paused suspects its leader at once",
                        "LocalCopy",
                        "if (wasPaused && followerState != null) {",
                        "if (wasPaused && leaseGrantedUntil == 0 && followerState != null) {"),
                Mutant.rare(
                        "a leader whose disk hangs goes on with its heartbeats",
                        "LeaderTasks",
                        "return copy.isLeading() && !batcher.isSyncStalled(now);",
                        "return copy.isLeading();"),
                Mutant.rare(
                        "a copy cuts what it has shown",
                        "Replica",
                        "boolean losesCommitted = opened.divergencePoint() < copy.positions().highWatermark();",
                        "boolean losesCommitted = opened.divergencePoint() < 0;"),
                Mutant.rare(
                        "a copy that is away holds the purge horizon for ever",
                        "LeaderState",
                        "return follower.incarnation() == null\n                ? Math.max(acknowledgedEnd, positions.highWatermark() - maxBehind)\n                : acknowledgedEnd;",
                        "return acknowledgedEnd;"),
                Mutant.of(
                        "the log's time is lost where a merge has dropped its MARKs",
                        "FollowerState",
                        "append.completeAt(), append.logTime()))",
                        "append.completeAt(), 0))"),
                Mutant.rare(
                        "a compare-and-set that could not be made is taken for one that may have happened",
                        "PartitionStateTracker",
                        "boolean never = !attempted;",
                        "boolean never = false;"),
                Mutant.rare(
                        "a compare-and-set is given up though an earlier attempt may have happened",
                        "PartitionStateTracker",
                        "boolean never = !attempted;",
                        "boolean never = true;"),
                Mutant.rare(
                        "a copy campaigns again and again while ZooKeeper is away",
                        "Election",
                        "                || !tracker.mayWrite()\n",
                        ""),
                Mutant.rare(
                        "requests wait for a silent copy that cannot be removed",
                        "LeaderTasks",
                        "(!hasEnoughReplicas(now) || isStuck(now))",
                        "!hasEnoughReplicas(now)"),
                Mutant.rare(
                        "requests wait for a silent copy whose removal may have happened",
                        "PartitionStateTracker",
                        "        unreachable = true;\n        attempted = true;",
                        "        attempted = true;"),
                Mutant.rare(
                        "a damaged copy is given up at once",
                        "Fencing",
                        "            copy.recordDamage(reason);\n",
                        "            copy.recordDamage(reason);\n            fence(reason, true, effects);\n"),
                Mutant.rare(
                        "a damaged copy is given up for a leader that is damaged too",
                        "Fencing",
                        "damage != null && !heartbeat.damaged() && ",
                        "damage != null && "),
                Mutant.rare(
                        "a damaged leader hands over to a copy that is damaged too",
                        "LeaderState",
                        "                && !follower.isDamaged(copy)\n",
                        ""),
                Mutant.rare(
                        "a damaged follower does not say so",
                        "LocalCopy",
                        "        damage = reason;\n        if (followerState != null) {",
                        "        damage = reason;\n        if (stopping) {"),
                Mutant.of(
                        "a damaged copy is never replaced",
                        "Replica",
                        "            fencing.onHeartbeat(heartbeat, effects);\n",
                        "            copy.isDamaged();\n"),
                Mutant.rare(
                        "a salvaged copy may not lead",
                        "ElectionEligibility",
                        "return logEpoch == state.epoch() + 1 && ",
                        "return logEpoch < 0 && "),
                Mutant.of(
                        "a copy that is not whole shows what it has",
                        "FollowerState",
                        "return prefix && positions.isCompleteAt(committed) ?",
                        "return prefix ?"),
                Mutant.hosting(
                        "a log with gaps is streamed on as if it had none",
                        "ReplicaDriver",
                        "send.message(read.to(), read.completeAt(), ",
                        "send.message(read.to(), 0, "),
                Mutant.rareAround(
                        "a sync that was asked for before a cut counts after it",
                        "ScriptedCopy",
                        "if (sync.truncations() == truncations) {\n            durableEnd = Math.max(durableEnd, sync.end());",
                        "if (sync.truncations() <= truncations) {\n            durableEnd = Math.max(durableEnd, Math.min(sync.end(), end));"),
                Mutant.around(
                                "a deposed controller goes on writing",
                                "CoordinationServers",
                                "if (epoch != controllerEpoch) {",
                                "if (epoch < 0) {")
                        .and("stored == null || stored.version() != expected;", "stored == null;"),
                Mutant.rareAround(
                        "what an ended session asked for is done",
                        "SimulatedCoordinator",
                        "return () -> servers.isAlive(asking) ? question.get() : null;",
                        "return () -> question.get();"));
    }
}
