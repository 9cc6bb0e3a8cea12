package io.caskade.server.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Known mistakes, put back one at a time: the simulation notices each within so many seeds, or a test of
/// replicas does what chance would take too long to do.
///
/// The seed that noticed a mistake last is kept in `mutant-seeds.txt` and is tried first; when it does not any
/// more, the others are. `-Dmutants=write` writes the file anew.
class MutantsTest {

    /// Each mistake that chance can show, it shows within so many seeds.
    private static final int SEEDS = 1000;

    /// So many mistakes at least show by chance alone.
    private static final int BY_CHANCE = 25;

    private static final Path KNOWN = Path.of("src", "test", "resources", "mutant-seeds.txt");
    private static final Map<String, Long> FOUND = new TreeMap<>();

    @ParameterizedTest
    @MethodSource({"mutants", "io.caskade.server.simulator.ControllerMutants#all"})
    void isNoticed(Mutant mutant) throws Exception {
        ClassLoader loader = MutantCompiler.load(mutant);
        Object noticed = mutant.scripted() ? byScript(loader) : bySimulation(mutant, loader);
        assertThat(noticed).as("what shows that %s", mutant).isNotNull();
        System.out.printf("%s: %s%n", mutant, noticed);
    }

    @AfterAll
    static void keepSeeds() throws IOException {
        if ("write".equals(System.getProperty("mutants"))) {
            List<String> lines = new ArrayList<>();
            FOUND.forEach((mistake, seed) -> lines.add(seed + "\t" + mistake));
            Files.write(KNOWN, lines);
        }
    }

    /// The seed that has noticed each mistake.
    static Map<String, Long> known() throws IOException {
        Map<String, Long> known = new TreeMap<>();
        for (String line : Files.readAllLines(KNOWN)) {
            int tab = line.indexOf('\t');
            known.put(line.substring(tab + 1), Long.parseLong(line.substring(0, tab)));
        }
        return known;
    }

    private static @Nullable Object byScript(ClassLoader loader) throws Exception {
        return ((Callable<?>) made(loader, ScriptRun.class)).call();
    }

    private static @Nullable Object bySimulation(Mutant mutant, ClassLoader loader) throws Exception {
        LongFunction<?> run = (LongFunction<?>) made(loader, SeedRun.class);
        long likely = known().getOrDefault(mutant.mistake(), 1L);
        long[] seeds = LongStream.concat(
                        LongStream.of(likely), LongStream.rangeClosed(1, SEEDS).filter(seed -> seed != likely))
                .toArray();
        for (long seed : seeds) {
            Object broken = run.apply(seed);
            if (broken != null) {
                FOUND.put(mutant.mistake(), seed);
                return "seed " + seed + ": " + broken;
            }
        }
        return null;
    }

    @Test
    @DisabledIfSystemProperty(named = "mutants", matches = "write")
    void theSeedsThatAreKeptAreThoseOfTheMistakesThatTheSimulationNotices() throws IOException {
        Set<String> byChance = Stream.concat(mutants().stream(), ControllerMutants.all().stream())
                .filter(mutant -> !mutant.scripted())
                .map(Mutant::mistake)
                .collect(Collectors.toSet());

        assertThat(byChance).hasSizeGreaterThanOrEqualTo(BY_CHANCE);
        assertThat(known().keySet())
                .as("%s; write it anew with -Dmutants=write", KNOWN)
                .containsExactlyInAnyOrderElementsOf(byChance);
    }

    @Test
    void noSeedThatNoticesAMistakeFailsWithoutIt() throws IOException {
        for (long seed : Set.copyOf(known().values())) {
            assertThat(new SeedRun().apply(seed)).as("seed %d", seed).isNull();
        }
    }

    @Test
    void aFailingSeedShrinksToFewerFaultsThatStillMakeItFail() throws Exception {
        Mutant mutant = mutants().stream()
                .filter(one -> one.mistake().equals("the in-sync set shrinks below min-insync"))
                .findFirst()
                .orElseThrow();
        ClassLoader loader = MutantCompiler.load(mutant);
        assertThat(bySimulation(mutant, loader)).isNotNull();
        long seed = Objects.requireNonNull(FOUND.get(mutant.mistake()));

        List<?> faults = (List<?>) ((LongFunction<?>) made(loader, ShrinkRun.class)).apply(seed);

        int before = (int) faults.get(0);
        int after = (int) faults.get(1);
        assertThat(after).as("of %d faults", before).isLessThan(before);
        assertThat(faults.get(2)).as("faults of the same run again").isEqualTo(after);
    }

    private static Object made(ClassLoader loader, Class<?> type) throws Exception {
        return loader.loadClass(type.getName()).getConstructor().newInstance();
    }

    static List<Mutant> mutants() {
        return List.of(
                Mutant.of(
                        "logs part where the shorter one ends (KIP-101)",
                        "Leadership",
                        "long parting = Parting.of(offsets.epochs(), offsets.logEnd(), open.epochs(), open.logEnd());",
                        "long parting = Math.min(offsets.logEnd(), open.logEnd());"),
                Mutant.of(
                        "a copy joins before it has caught up",
                        "Leadership",
                        "&& peer.heldBy(copy) >= Math.max(mark, offsets.watermark())",
                        ""),
                Mutant.of(
                        "the watermark counts only the in-sync set that is settled",
                        "LeaderDuties",
                        "copy.commit(leads.commonTo(known.maximalInSync()), effects);",
                        "copy.commit(leads.commonTo(current.inSync()), effects);"),
                Mutant.of(
                        "a re-read that shows the old state settles a write",
                        "KnownState",
                        "if (seen.version() > sent.expectedVersion()) {",
                        "if (seen.version() >= sent.expectedVersion()) {"),
                Mutant.of(
                        "a write without an answer is taken for lost",
                        "KnownState",
                        "        outcomeLost = true;\n        read(now, effects);",
                        "        writing = null;\n        read(now, effects);"),
                Mutant.of(
                        "reads are answered without a lease",
                        "LeaderDuties",
                        "if (mayAnswer(now)) {",
                        "if (now.wall() > 0) {"),
                Mutant.of(
                        "the lease does not count the copies in sync but the leader",
                        "LeaderDuties",
                        "isSupportedBy(known.maximalInSync(), now);",
                        "isSupportedBy(Set.of(copy.identity()), now);"),
                Mutant.rare(
                        "the lease counts only those in sync that are settled",
                        "LeaderDuties",
                        "isSupportedBy(known.maximalInSync(), now);",
                        "isSupportedBy(known.value().inSync(), now);"),
                Mutant.of("a promise is forgotten once it is made", "Replica", "            copy.promises(now);\n", ""),
                Mutant.of(
                        "a new leader changes the in-sync set at once",
                        "LeaderDuties",
                        "boolean mayChange = copy.role() instanceof Serving || leads.isQuietOver(now);",
                        "boolean mayChange = true;"),
                Mutant.of(
                        "a lease goes by the monotonic clock alone",
                        "Moment",
                        "return monotonic < other.monotonic && wall < other.wall;",
                        "return monotonic < other.monotonic;"),
                Mutant.rare(
                        "a new process has promised nothing",
                        "LocalCopy",
                        "            promisedAt = now;\n        }\n        boolean stalled",
                        "            promisedAt = new Moment(now.monotonic() - 1_000_000, now.wall());\n"
                                + "        }\n        boolean stalled"),
                Mutant.of(
                        "a grace shorter than a lease",
                        "LocalCopy",
                        "monotonic() + timing.grace();",
                        "monotonic() + timing.lease() / 4;"),
                Mutant.of(
                        "a restarted leader goes on in its epoch",
                        "Succession",
                        "if (copy.self().equals(leader) && current.isInSync(copy.identity()) && current.epoch() > latest) {",
                        "if (leader != null && leader.node().equals(copy.node()) && current.isInSync(copy.identity())) {"),
                Mutant.of(
                        "min-insync does not hold writes back",
                        "LeaderDuties",
                        "if (current.inSync().size() >= current.minInSync()) {",
                        "if (current.id() >= 0) {"),
                Mutant.of(
                        "the in-sync set shrinks below min-insync",
                        "Leadership",
                        "if (wanted.size() > state.minInSync()) {",
                        "if (wanted.size() > 1) {"),
                Mutant.of(
                        "followers acknowledge what is not synced",
                        "Followership",
                        "offsets.logEnd(), offsets.held(), full, stopping));",
                        "offsets.logEnd(), offsets.logEnd(), full, stopping));"),
                Mutant.of(
                        "the leader counts what it has not synced",
                        "Leadership",
                        "return offsets.held();",
                        "return offsets.logEnd();"),
                Mutant.rare(
                        "two processes of a node number their streams alike",
                        "LocalCopy",
                        "this.streams = options.streams();",
                        "this.streams = 0;"),
                Mutant.rare(
                        "positions count from any stream",
                        "Leadership",
                        "if (peer.isStream(from, ack.stream())) {",
                        "if (peer.process() != null) {"),
                Mutant.rare(
                        "positions count from any epoch",
                        "LocalCopy",
                        "return leadership != null && leadership.epoch() == epoch;",
                        "return leadership != null;"),
                Mutant.rare(
                        "records of older epochs are committed before the MARK",
                        "Leadership",
                        "return least < mark ? -1 : least;",
                        "return least;"),
                Mutant.of(
                        "a copy that lacks removals is fed from where it is",
                        "Leadership",
                        "boolean rebuild = open.logEnd() > 0 && lacksRemovals;",
                        "boolean rebuild = false;"),
                Mutant.rare(
                        "the purge horizon does not travel",
                        "Followership",
                        "offsets.adopt(new Effects.Bounds(chunk.horizon(), chunk.wholeFrom()))",
                        "offsets.adopt(new Effects.Bounds(0, chunk.wholeFrom()))"),
                Mutant.rare(
                        "removals are purged before a copy that is being fed has them",
                        "Replica",
                        "return leadership == null ? copy.offsets().horizon() : leadership.mergeHorizon();",
                        "return copy.offsets().horizon();"),
                Mutant.of("older states are believed", "KnownState", "if (older || repeated) {", "if (repeated) {"),
                Mutant.of(
                        "one that hands over goes on answering",
                        "LeaderDuties",
                        "boolean serves = copy.role() instanceof Serving || copy.role() instanceof Draining;\n"
                                + "        return serves && ",
                        "boolean serves = copy.leadership() != null;\n        return serves && "),
                Mutant.of(
                        "what was cut still counts (seed 8)", "Followership", "            offsets.cutAt(last);\n", ""),
                Mutant.of(
                        "a cut log keeps its history of epochs",
                        "Offsets",
                        "        epochs = epochs.upTo(last);\n",
                        ""),
                Mutant.of(
                        "a follower shows what the leader has committed, not what it holds",
                        "Followership",
                        "Math.min(leaderWatermark, offsets.held())",
                        "leaderWatermark"),
                Mutant.of(
                        "chunks that leave a gap are stored",
                        "Followership",
                        "if (chunk.from() != offsets.logEnd() || storing != null) {",
                        "if (chunk.to() <= offsets.logEnd() || storing != null) {"),
                Mutant.rare(
                        "chunks of an older stream are stored",
                        "Followership",
                        "EpochHistory leaders)) || stream != chunk.stream()) {",
                        "EpochHistory leaders)) || stream < 0) {"),
                Mutant.rare(
                        "a leader whose disk hangs removes the others (seed 153)",
                        "LeaderDuties",
                        "!mayChange || commits.isStalled(now)",
                        "!mayChange"),
                Mutant.rare(
                        "a stream is closed and nobody told (seed 10)",
                        "Leadership",
                        "effects.send(from.node(), new Message.Closed(epoch, ack.stream()));",
                        ""),
                Mutant.of(
                        "a deposed leader says that what is in its log was not done",
                        "Succession",
                        "commits.pending().refuseAll(Refusal.OUTCOME_UNKNOWN,",
                        "commits.pending().refuseAll(Refusal.NOT_LEADER,"),
                Mutant.of(
                        "a failed condition does not wait for what it rests on",
                        "LeaderDuties",
                        "commits.pending().addBehind(prepared.token(), prepared.sequence());",
                        "commits.pending().addBehind(prepared.token(), 0);"),
                Mutant.of(
                        "writes are acknowledged when the leader holds them",
                        "LeaderDuties",
                        "pending.settleWrites(offsets.watermark(), effects);",
                        "pending.settleWrites(offsets.held(), effects);"),
                Mutant.of(
                        "the leader alone acknowledges what it has not synced",
                        "LeaderDuties",
                        "pending.settleHeld(offsets.held(), effects);",
                        "pending.settleHeld(offsets.logEnd(), effects);"),
                Mutant.of(
                        "a deposed leader takes back what it alone has acknowledged",
                        "PendingWrites",
                        "        if (!told) {",
                        "        if (!told || proposal.bytes() >= 0) {"),
                Mutant.rare(
                        "what the leader alone must hold is taken below min-insync",
                        "LeaderDuties",
                        "Refusal refusal = refusal(now);\n        if (refusal == null && !pending",
                        "Refusal refusal = copy.role() instanceof Serving ? null : refusal(now);\n"
                                + "        if (refusal == null && !pending"),
                Mutant.of(
                        "the log is not told the time by which something has expired",
                        "LeaderDuties",
                        "} else if (prepared.time() > 0) {",
                        "} else if (prepared.time() < 0) {"),
                Mutant.of(
                        "a leader goes by its own clock though the log has been told a later time",
                        "Replica",
                        "commits.time(Math.max(now, logTime))",
                        "commits.time(now)"),
                Mutant.around(
                        "absent is answered by the clock alone",
                        "SimulatedPartition",
                        "token, restsOn, needsTime ? now : 0",
                        "token, restsOn, 0"),
                Mutant.of(
                        "a copy answers before it has come as far as a read's context",
                        "WaitingReads",
                        "offsets.watermark() >= Math.max(1, read.sequence())",
                        "offsets.watermark() >= 1"),
                Mutant.rare(
                        "a copy is read that lacks what merging has dropped",
                        "WaitingReads",
                        "return offsets.isWholeAt(offsets.watermark()) && ",
                        "return "),
                Mutant.rare(
                        "a copy is read at a watermark below what merging has dropped",
                        "WaitingReads",
                        "return offsets.isWholeAt(offsets.watermark()) && ",
                        "return offsets.isWhole() && "),
                Mutant.rare(
                        "a context of a lost history is taken for one that was reached",
                        "WaitingReads",
                        "offsets.watermark())) > read.epoch();",
                        "offsets.watermark())) < 0;"),
                Mutant.rare(
                        "a leader does not pass on that its log was fed with gaps (seed 1371)",
                        "Effects",
                        "from < gapsEnd ? gapsEnd : 0",
                        "0"),
                Mutant.rare(
                        "a copy that lost its proof leads though another may have all",
                        "Suspicion",
                        "|| others.stream().anyMatch(standing -> state.isInSync(standing.copy()))) {",
                        ") {"),
                Mutant.rare(
                        "a copy that lost its proof does not wait for all who were in sync",
                        "Suspicion",
                        "if (askedAt == null || !standings.keySet().containsAll(holders)) {",
                        "if (askedAt == null || standings.isEmpty()) {"),
                Mutant.rare(
                        "a copy waits for the answer of a leader whose connection broke",
                        "Suspicion",
                        "|| lost.contains(node));",
                        ");"),
                Mutant.rare(
                        "who has just lost the leader is still taken for one that hears it",
                        "Suspicion",
                        "            mayAskAt = null;\n",
                        ""),
                Mutant.rare(
                        "a copy whose disk is full holds writes up until it lags",
                        "Leadership",
                        "                || peer.wantsToLeave(copy)\n",
                        ""),
                Mutant.rare(
                        "a follower that stops is waited for",
                        "HandOff",
                        "                if (isToBeLetGo(now)) {\n                    copy.following().stops(effects);\n                }\n",
                        ""),
                Mutant.rare("a follower that stops takes over", "Succession", "copy.isStopping() || ", ""),
                Mutant.rare(
                        "a copy whose disk is full joins",
                        "Leadership",
                        "                && !peer.wantsToLeave(copy)\n                && !peer.lags",
                        "                && !peer.lags"),
                Mutant.around(
                        "a wiped copy keeps its identity",
                        "SimulatedPartition",
                        "copy.wipe(simulation.newId());",
                        "copy.wipe(copy.id());"),
                Mutant.around(
                        "a read is answered in another epoch than it was made in",
                        "SimulatedPartition",
                        "if (!found.equals(replica.role())) {",
                        "if (found == null) {"),
                Mutant.of(
                        "a new copy counts for what the one before it held",
                        "Peer",
                        "if (!open.copy().equals(copy)) {",
                        "if (copy == null) {"),
                Mutant.rare(
                        "a stream is opened before the MARK is in the log",
                        "Leadership",
                        "return offsets.logEnd() >= mark;",
                        "return mark > 0;"),
                Mutant.rare(
                        "who asks for a stream too early is not heard",
                        "LeaderDuties",
                        "        openStreams(now, effects);\n        if (current",
                        "        if (current"),
                Mutant.rare(
                        "a new leader asks nobody for support before its next tick",
                        "LeaderDuties",
                        "leads.beacon(asked.from().node(), now, effects);",
                        "asked.open();"),
                Mutant.rare(
                        "a leader that stops leaves fewer in sync than must be",
                        "HandOff",
                        "inSync.size() > current.minInSync()",
                        "inSync.size() > 1"),
                Mutant.rare(
                        "a copy that claims answers older beacons",
                        "LocalCopy",
                        "return follows() && following().isOf(epoch, leader);",
                        "return followership != null && following().isOf(epoch, leader);"),
                Mutant.rare(
                        "a process that was paused suspects its leader at once",
                        "LocalCopy",
                        "if (stalled && followership != null) {",
                        "if (stalled && promisedAt == null && followership != null) {"),
                Mutant.rare(
                        "a leader whose disk hangs goes on with its beacons",
                        "LeaderDuties",
                        "return copy.leads() && !commits.isStalled(now);",
                        "return copy.leads();"),
                Mutant.rare(
                        "a copy cuts what it has shown",
                        "Replica",
                        "boolean losesCommitted = opened.parting() < copy.offsets().watermark();",
                        "boolean losesCommitted = opened.parting() < 0;"),
                Mutant.rare(
                        "a copy that is away holds the purge horizon for ever",
                        "Leadership",
                        "return peer.process() == null ? Math.max(held, offsets.watermark() - mostBehind) : held;",
                        "return held;"),
                Mutant.of(
                        "a copy that is not whole shows what it has",
                        "Followership",
                        "return prefix && offsets.isWholeAt(committed) ?",
                        "return prefix ?"),
                Mutant.around(
                        "a log with gaps is fed on as if it had none",
                        "SimulatedPartition",
                        "long wholeFrom = feed.from() < copy.mergedEnd() ? copy.mergedEnd() : 0;",
                        "long wholeFrom = 0;"),
                Mutant.rareAround(
                        "a sync that was asked for before a cut counts after it",
                        "SimulatedCopy",
                        "if (sync.generation() == generation) {\n            durableEnd = Math.max(durableEnd, sync.end());",
                        "if (sync.generation() <= generation) {\n"
                                + "            durableEnd = Math.max(durableEnd, Math.min(sync.end(), end));"),
                Mutant.around(
                                "a deposed controller goes on writing",
                                "CoordinationServers",
                                "if (epoch != controllerEpoch) {",
                                "if (epoch < 0) {")
                        .and("stored == null || stored.version() != expected;", "stored == null;"),
                Mutant.around(
                        "what an ended session asked for is done",
                        "SimulatedCoordinator",
                        "return () -> servers.isAlive(asking) ? question.get() : null;",
                        "return () -> question.get();"));
    }
}
