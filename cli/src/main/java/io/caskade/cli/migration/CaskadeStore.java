package io.caskade.cli.migration;

import io.caskade.api.v1.ErrorCode;
import io.caskade.cli.command.GlobPattern;
import io.caskade.client.Bytes;
import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClusterView;
import io.caskade.client.Entry;
import io.caskade.client.Expiry;
import io.caskade.client.PutOptions;
import io.caskade.client.ReadMode;
import io.caskade.client.RefusedException;
import io.caskade.client.ScanCursor;
import io.caskade.client.ScanOptions;
import io.caskade.client.ScanPage;
import io.caskade.client.WriteResult;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// The cluster as an end of a migration. Repeats writes of unknown outcome: another time, they do the same.
final class CaskadeStore implements MigrationStore {

    /// Positions are the upper halves of keys' hashes.
    private static final double POSITIONS = 1L << Integer.SIZE;

    private final CaskadeClient client;
    private final String clusterId;
    private final int partitions;

    CaskadeStore(CaskadeClient client) {
        this.client = client.retryingUnknownOutcomes();
        ClusterView view = client.cluster();
        this.clusterId = view.id();
        this.partitions = view.partitions().size();
    }

    @Override
    public String name() {
        return "cluster " + clusterId;
    }

    @Override
    public String cursorsOf() {
        return clusterId;
    }

    @Override
    public String start() {
        return ScanCursor.START.toString();
    }

    @Override
    public Optional<String> scan(String cursor, GlobPattern match, BatchSize size, BatchConsumer consumer)
            throws IOException, InterruptedException {
        ScanPage page = client.scan(ScanCursor.parse(cursor), new ScanOptions(match.prefix(), false, size.keys()));
        List<StringRecord> records = page.entries().stream()
                .filter(entry -> match.matches(entry.key()))
                .map(CaskadeStore::record)
                .toList();
        consumer.accept(new KeyBatch(records, List.of(), 0));
        return page.next().map(ScanCursor::toString);
    }

    private static StringRecord record(Entry entry) {
        return new StringRecord(
                entry.key(),
                entry.value(),
                entry.expiresAt().map(Instant::toEpochMilli).orElse(StringRecord.NEVER));
    }

    @Override
    public double fractionListed(String cursor, long listed, GlobPattern match) {
        ScanCursor at = ScanCursor.parse(cursor);
        return (at.partition() + Math.clamp(at.position() / POSITIONS, 0, 1)) / Math.max(1, partitions);
    }

    @Override
    public List<SkippedKey> write(List<StringRecord> records) throws InterruptedException {
        List<CompletableFuture<WriteResult>> writes = new ArrayList<>();
        for (StringRecord record : records) {
            Expiry expiry = record.expiresAt() == StringRecord.NEVER
                    ? Expiry.never()
                    : Expiry.at(Instant.ofEpochMilli(record.expiresAt()));
            writes.add(client.async()
                    .put(record.key().toArray(), record.value().toArray(), PutOptions.DEFAULT.expiring(expiry)));
        }
        List<SkippedKey> refused = new ArrayList<>();
        for (int i = 0; i < writes.size(); i++) {
            Optional<String> refusal = refusal(writes.get(i));
            if (refusal.isPresent()) {
                refused.add(new SkippedKey(records.get(i).key(), SkippedKey.REFUSED, refusal.get()));
            }
        }
        return refused;
    }

    /// Why a record is none that the cluster can have, if that is so.
    private static Optional<String> refusal(CompletableFuture<WriteResult> write) throws InterruptedException {
        try {
            write.get();
            return Optional.empty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RefusedException refused && isOfRecord(refused.code())) {
                return Optional.of(refused.getMessage());
            }
            if (e.getCause() instanceof CaskadeException failure) {
                throw failure;
            }
            throw new IllegalStateException("the client failed", e.getCause());
        }
    }

    /// Whether other records may be taken although this one is refused.
    private static boolean isOfRecord(ErrorCode code) {
        return code == ErrorCode.ERROR_CODE_INVALID_ARGUMENT || code == ErrorCode.ERROR_CODE_UNSPECIFIED;
    }

    @Override
    public List<Optional<StringRecord>> read(List<Bytes> keys) {
        return client.getAll(keys.stream().map(Bytes::toArray).toList(), ReadMode.linearizable()).value().stream()
                .map(found -> found.map(CaskadeStore::record))
                .toList();
    }

    @Override
    public long expiryTolerance() {
        return 0;
    }
}
