package io.caskade.cli;

import io.caskade.api.KeySlots;
import io.caskade.cli.command.GlobPattern;
import io.caskade.cli.command.ShellCommand.ExpiryChange;
import io.caskade.cli.output.CommandResult;
import io.caskade.client.Bytes;
import io.caskade.client.CaskadeClient;
import io.caskade.client.Condition;
import io.caskade.client.Entry;
import io.caskade.client.Expiry;
import io.caskade.client.PutOptions;
import io.caskade.client.ReadMode;
import io.caskade.client.ScanPage;
import io.caskade.client.WriteBatch;
import io.caskade.client.WriteBatchResult;
import io.caskade.client.WriteResult;
import java.io.ByteArrayOutputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Runs the commands that one call of the client does not do: those of several keys, and those that change a
/// value by what it was. The latter are done on condition that no other client was faster, until none was.
final class CompositeCommands {

    private final CaskadeClient client;

    CompositeCommands(CaskadeClient client) {
        this.client = client;
    }

    CommandResult getAll(List<Bytes> keys, ReadMode mode) {
        return new CommandResult.Values(
                keys,
                client.getAll(keys.stream().map(Bytes::toArray).toList(), mode).value());
    }

    /// Writes each partition's keys in a batch.
    CommandResult setAll(Map<Bytes, Bytes> entries) {
        int partitions = client.cluster().partitions().size();
        Map<Integer, WriteBatch.Builder> batches = new TreeMap<>();
        entries.forEach((key, value) -> batches.computeIfAbsent(
                        KeySlots.partitionOf(key.toArray(), partitions), _ -> WriteBatch.builder())
                .put(key.toArray(), value.toArray()));
        batches.values().forEach(batch -> client.write(batch.build()));
        return new CommandResult.WrittenAll(entries.size());
    }

    CommandResult exists(List<Bytes> keys, ReadMode mode) {
        if (keys.size() == 1) {
            Bytes key = keys.getFirst();
            return new CommandResult.Existence(
                    key, client.exists(key.toArray(), mode).value());
        }
        int found = 0;
        for (Bytes key : keys) {
            found += client.exists(key.toArray(), mode).value() ? 1 : 0;
        }
        return new CommandResult.Existing(found, keys.size());
    }

    CommandResult length(Bytes key, ReadMode mode) {
        Optional<Entry> found = client.get(key.toArray(), mode).value();
        return new CommandResult.Length(
                key, found.map(entry -> entry.value().size()).orElse(0), found.isPresent());
    }

    CommandResult append(Bytes key, Bytes value) {
        while (true) {
            Optional<Entry> before =
                    client.get(key.toArray(), ReadMode.linearizable()).value();
            byte[] longer = join(before.map(Entry::value).orElse(Bytes.EMPTY), value);
            PutOptions options = before.map(entry -> new PutOptions(Expiry.keep(), Condition.version(entry.version())))
                    .orElse(new PutOptions(Expiry.never(), Condition.absent()));
            WriteResult result = client.put(key.toArray(), longer, options);
            if (result.applied()) {
                return new CommandResult.Length(key, longer.length, true);
            }
        }
    }

    private static byte[] join(Bytes one, Bytes other) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream(one.size() + other.size());
        joined.writeBytes(one.toArray());
        joined.writeBytes(other.toArray());
        return joined.toByteArray();
    }

    CommandResult getAndExpire(Bytes key, ExpiryChange change) {
        while (true) {
            Optional<Entry> before =
                    client.get(key.toArray(), ReadMode.linearizable()).value();
            if (before.isEmpty()) {
                return new CommandResult.NotFound(key);
            }
            WriteBatch.Builder batch = WriteBatch.builder()
                    .check(key.toArray(), Condition.version(before.get().version()));
            switch (change) {
                case ExpiryChange.Set(Expiry expiry) -> batch.expire(key.toArray(), expiry);
                case ExpiryChange.Remove() -> batch.persist(key.toArray());
            }
            if (client.write(batch.build()) instanceof WriteBatchResult.Applied) {
                return new CommandResult.Value(before.get());
            }
        }
    }

    /// The pages of a scan with the keys that match only.
    static Iterator<ScanPage> matching(GlobPattern pattern, Iterator<ScanPage> pages) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return pages.hasNext();
            }

            @Override
            public ScanPage next() {
                ScanPage page = pages.next();
                return new ScanPage(
                        page.entries().stream()
                                .filter(entry -> pattern.matches(entry.key()))
                                .toList(),
                        page.next());
            }
        };
    }
}
