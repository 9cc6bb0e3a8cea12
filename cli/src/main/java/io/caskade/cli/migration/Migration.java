package io.caskade.cli.migration;

import io.caskade.cli.command.GlobPattern;
import io.caskade.cli.migration.MigrationState.Count;
import io.caskade.cli.migration.MigrationState.Phase;
import io.caskade.client.Bytes;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Copies all strings of one store that match a pattern to another, then reads both again and compares them. It
/// can be stopped after each page of the source's keys, and goes on from there. For one thread.
final class Migration {

    /// A record that expires this soon may be gone at one end and not yet at the other.
    private static final long EXPIRING_SOON_MILLIS = 1000;

    /// Hears what happens.
    interface Listener {

        /// A key is not copied.
        void skipped(SkippedKey key) throws IOException;

        /// A record is not the same at both ends.
        void different(Bytes key, String difference) throws IOException;

        /// A page is done, and the state says where to go on.
        ///
        /// @param fraction how much of the phase is done, from 0 to 1; not a number when unknown
        void moved(double fraction) throws IOException;
    }

    /// Both ends, and what is copied.
    record Plan(MigrationStore from, MigrationStore to, GlobPattern match, int rate, boolean verified) {}

    private final Plan plan;
    private final MigrationState state;
    private final Listener listener;
    private final KeyRateLimiter limiter;
    private final BatchSize size;
    private final Set<Bytes> refused = new HashSet<>();

    Migration(Plan plan, MigrationState state, Listener listener) {
        this.plan = plan;
        this.state = state;
        this.listener = listener;
        this.limiter = new KeyRateLimiter(plan.rate());
        this.size = BatchSize.forRate(plan.rate());
    }

    /// Does what is left to do.
    void run() throws IOException, InterruptedException {
        if (state.phase() == Phase.COPY) {
            scan(this::copy);
            state.begin(plan.verified() ? Phase.VERIFY : Phase.DONE, plan.from().start());
            listener.moved(0);
        }
        if (state.phase() == Phase.VERIFY) {
            scan(this::verify);
            state.begin(Phase.DONE, plan.from().start());
            listener.moved(1);
        }
    }

    private void scan(MigrationStore.BatchConsumer step) throws IOException, InterruptedException {
        Optional<String> next = Optional.of(state.cursor());
        while (next.isPresent()) {
            next = plan.from().scan(next.get(), plan.match(), size, batch -> {
                state.add(Count.LISTED, batch.size());
                limiter.acquire(batch.size());
                step.accept(batch);
            });
            if (next.isPresent()) {
                state.moveTo(next.get());
                listener.moved(plan.from().fractionListed(next.get(), state.count(Count.LISTED), plan.match()));
            }
        }
    }

    private void copy(KeyBatch batch) throws IOException, InterruptedException {
        long now = System.currentTimeMillis();
        List<StringRecord> live = batch.records().stream()
                .filter(record -> !record.isExpiredWithin(0, now))
                .toList();
        List<SkippedKey> untaken = plan.to().write(live);
        for (SkippedKey key : untaken) {
            refused.add(key.key());
            skip(key);
        }
        for (SkippedKey key : batch.skipped()) {
            skip(key);
        }
        state.add(Count.GONE, batch.gone() + batch.records().size() - (long) live.size());
        state.add(Count.COPIED, live.size() - (long) untaken.size());
        state.add(
                Count.EXPIRING,
                live.stream()
                        .filter(record -> record.expiresAt() != StringRecord.NEVER && !refused.contains(record.key()))
                        .count());
    }

    private void skip(SkippedKey key) throws IOException {
        state.addSkipped(key.kind());
        listener.skipped(key);
    }

    private void verify(KeyBatch batch) throws IOException {
        List<StringRecord> expected = batch.records().stream()
                .filter(record -> !refused.contains(record.key()))
                .toList();
        List<Optional<StringRecord>> found =
                plan.to().read(expected.stream().map(StringRecord::key).toList());
        long now = System.currentTimeMillis();
        for (int i = 0; i < expected.size(); i++) {
            StringRecord record = expected.get(i);
            Optional<String> difference = difference(record, found.get(i));
            if (difference.isPresent() && record.isExpiredWithin(EXPIRING_SOON_MILLIS, now)) {
                state.add(Count.GONE, 1);
                continue;
            }
            state.add(Count.VERIFIED, 1);
            if (difference.isPresent()) {
                state.add(Count.DIFFERENT, 1);
                listener.different(record.key(), difference.get());
            }
        }
    }

    private Optional<String> difference(StringRecord expected, Optional<StringRecord> found) {
        if (found.isEmpty()) {
            return Optional.of("it is missing");
        }
        StringRecord other = found.get();
        if (!other.value().equals(expected.value())) {
            return Optional.of("the value differs, " + expected.value().size() + " and "
                    + other.value().size() + " bytes");
        }
        return isSameExpiry(expected.expiresAt(), other.expiresAt())
                ? Optional.empty()
                : Optional.of("the expiry differs, " + moment(expected) + " and " + moment(other));
    }

    private boolean isSameExpiry(long one, long other) {
        if (one == StringRecord.NEVER || other == StringRecord.NEVER) {
            return one == other;
        }
        return Math.abs(one - other)
                <= plan.from().expiryTolerance() + plan.to().expiryTolerance();
    }

    private static String moment(StringRecord record) {
        return record.expiresAt() == StringRecord.NEVER
                ? "never"
                : Instant.ofEpochMilli(record.expiresAt()).toString();
    }
}
