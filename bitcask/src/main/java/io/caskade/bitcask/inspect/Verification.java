package io.caskade.bitcask.inspect;

import io.caskade.bitcask.SecretFile;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.RehearsalDisk;
import io.caskade.bitcask.inspect.Finding.Severity;
import io.caskade.bitcask.inspect.RepairReport.Lost;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.DamagedLogException;
import io.caskade.bitcask.log.HintCheck;
import io.caskade.bitcask.log.Hole;
import io.caskade.bitcask.log.LogSurvey;
import io.caskade.bitcask.log.RecordFormat;
import io.caskade.bitcask.log.RecordKind;
import io.caskade.bitcask.log.Rehearsal;
import io.caskade.bitcask.log.SurveySink;
import io.caskade.bitcask.store.CheckpointCheck;
import io.caskade.bitcask.store.CopyState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads every record and every hint of a copy once, and says what is wrong. Changes nothing.
final class Verification implements SurveySink {

    private final CopyDirectory copy;
    private final Disk disk;
    private final LogSurvey survey;
    private final Progress progress;
    private final List<Finding> findings = new ArrayList<>();
    private final List<Hole> holes = new ArrayList<>();
    private final List<Lost> lost = new ArrayList<>();

    private long total;
    private long done;
    private long records;
    private long bytes;
    private long last;
    private long marked;
    private int rightHints;

    Verification(CopyDirectory copy, LogSurvey survey, Progress progress) {
        this.copy = copy;
        this.disk = copy.disk();
        this.survey = survey;
        this.progress = progress;
    }

    VerifyReport run() throws IOException {
        copy.unreadable().ifPresent(what -> findings.add(new Finding(Severity.DAMAGE, copy.copyPath(), 0, 0, what)));
        total = 2 * survey.bytes();
        survey.read(this);
        long floor = Math.max(
                Math.max(survey.floor(), marked),
                copy.state().map(CopyState::floor).orElse(0L));
        boolean whole = judgeHoles(floor);
        checkHints();
        checkCheckpoint();
        remains();
        Optional<Rehearsal> rehearsal = rehearse(whole && last >= floor);
        Optional<DamagedLogException> refusal = rehearsal.flatMap(Rehearsal::refusal);
        refusal.filter(why -> findings.stream().noneMatch(finding -> finding.severity() == Severity.DAMAGE))
                .ifPresent(why -> findings.add(new Finding(
                        Severity.DAMAGE, why.file(), why.offset(), why.sequence(), String.valueOf(why.getMessage()))));
        boolean opens = copy.unreadable().isEmpty() && refusal.isEmpty();
        return new VerifyReport(
                copy.directory(),
                findings,
                survey.segments().size(),
                rightHints,
                records,
                bytes,
                last,
                floor,
                lost,
                holes.stream().mapToLong(Hole::missing).sum() + Math.max(0, floor - Math.max(last, lastMissing())),
                opens,
                opening(opens, refusal, rehearsal));
    }

    private long lastMissing() {
        return holes.stream().mapToLong(Hole::last).max().orElse(0);
    }

    private String opening(boolean opens, Optional<DamagedLogException> refusal, Optional<Rehearsal> rehearsal) {
        if (!opens) {
            return "refused: "
                    + refusal.map(DamagedLogException::getMessage)
                            .or(copy::unreadable)
                            .orElse("");
        }
        return rehearsal
                .filter(it -> it.changes().stream().anyMatch(this::isCut))
                .map(it -> "cuts what follows record " + it.end() + ", none of which was acknowledged")
                .orElse("keeps all");
    }

    private boolean isCut(RehearsalDisk.Change change) {
        return !change.isDeletion() || survey.segments().contains(change.file());
    }

    @Override
    public void record(ByteBuffer buffer, int at, Path file, long offset) {
        records++;
        bytes += RecordFormat.trustedLength(buffer, at);
        last = RecordFormat.sequence(buffer, at);
        if (RecordFormat.kind(buffer, at) == RecordKind.MARK) {
            marked = Math.max(marked, RecordFormat.markWatermark(buffer, at));
        }
    }

    @Override
    public void hole(Hole hole) {
        holes.add(hole);
    }

    @Override
    public void moved(long more) {
        done += more;
        progress.moved(Math.min(done, total), total);
    }

    /// What is wrong above the floor was never acknowledged. Reserved space is not wrong.
    ///
    /// @return whether nothing is wrong
    private boolean judgeHoles(long floor) {
        boolean whole = true;
        Optional<Path> newest = survey.segments().isEmpty()
                ? Optional.empty()
                : Optional.of(survey.segments().getLast());
        for (Hole hole : holes) {
            if (hole.isReserved(floor)) {
                continue;
            }
            whole = false;
            lost.add(new Lost(hole.first(), hole.last(), hole.file(), hole.offset(), hole.found()));
            boolean torn = hole.first() > floor && newest.equals(Optional.of(hole.file()));
            String passed = hole.bytes() == 0 ? "" : "; " + hole.bytes() + " bytes passed over";
            findings.add(new Finding(
                    torn ? Severity.TORN : Severity.DAMAGE,
                    hole.file(),
                    hole.offset(),
                    hole.first(),
                    hole.found() + passed + missing(hole)));
        }
        return whole;
    }

    private static String missing(Hole hole) {
        return hole.missing() == 0 ? "" : "; records " + hole.first() + " to " + hole.last() + " are missing";
    }

    private void checkHints() throws IOException {
        Optional<byte[]> secret = SecretFile.find(disk, copy.directory());
        Path secretPath = copy.directory().resolve(SecretFile.NAME);
        if (secret.isEmpty() && disk.exists(secretPath)) {
            findings.add(new Finding(
                    Severity.DAMAGE,
                    secretPath,
                    0,
                    0,
                    "damaged; opening makes a new one, and all hints with it; no record is lost"));
        }
        HintCheck check =
                new HintCheck(disk, copy.partition(), secret.map(KeyHasher::new).orElse(null));
        Set<Path> holed = new HashSet<>();
        holes.forEach(hole -> holed.add(hole.file()));
        for (Path segment : survey.segments()) {
            if (!holed.contains(segment)) {
                judge(check.check(segment), HintCheck.hintOf(segment));
            }
        }
        moved(total - done);
    }

    private void checkCheckpoint() throws IOException {
        Path file = copy.directory().resolve(CheckpointCheck.NAME);
        Optional<CopyState> state = copy.state();
        if (state.isPresent() && state.get().checkpoint().isPresent()) {
            CheckpointCheck.findFault(disk, copy.directory(), state.get())
                    .ifPresent(fault -> findings.add(new Finding(
                            Severity.DAMAGE, file, 0, 0, fault + "; no record is lost: opening recovers the log")));
        } else if (disk.exists(file)) {
            findings.add(new Finding(Severity.REMAINS, file, 0, 0, "not named by `copy`; opening deletes it"));
        }
    }

    private void judge(HintCheck.Result result, Path hint) {
        switch (result.verdict()) {
            case MISSING -> {}
            case RIGHT -> rightHints++;
            case UNUSED ->
                findings.add(new Finding(
                        Severity.REMAINS, hint, result.offset(), 0, result.found() + "; opening reads the segment"));
            case DAMAGED ->
                findings.add(new Finding(
                        Severity.DAMAGE,
                        hint,
                        result.offset(),
                        0,
                        result.found() + "; no record is lost: opening reads the segment and makes it anew"));
            case WRONG -> findings.add(new Finding(Severity.DAMAGE, hint, result.offset(), 0, result.found()));
        }
    }

    private void remains() throws IOException {
        for (Path file : survey.superseded()) {
            findings.add(new Finding(Severity.REMAINS, file, 0, 0, "merged into another segment; opening deletes it"));
        }
        for (Path file : survey.unfinished()) {
            findings.add(new Finding(
                    Severity.REMAINS,
                    file,
                    0,
                    0,
                    "of work that was broken off, or of a segment that is gone; opening deletes it"));
        }
        for (Path file : copy.strays(survey)) {
            findings.add(stray(file));
        }
    }

    private static Finding stray(Path file) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".new")) {
            return new Finding(
                    Severity.REMAINS, file, 0, 0, "was being written when its writer stopped; it means nothing");
        }
        return name.endsWith(".hint")
                ? new Finding(Severity.REMAINS, file, 0, 0, "a hint without its segment; it means nothing")
                : new Finding(Severity.STRAY, file, 0, 0, "not a file of a copy; nothing looks at it");
    }

    /// A log without holes that reaches the floor opens, and need not be read once more.
    private Optional<Rehearsal> rehearse(boolean sureToOpen) throws IOException {
        if (sureToOpen || copy.unreadable().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(copy.rehearse(
                copy.directory(), copy.state().map(CopyState::floor).orElse(0L)));
    }
}
