package io.caskade.bitcask.store;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.ScanPage;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.keydir.KeydirPage;
import io.caskade.bitcask.record.Location;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Lists committed records page by page, in the order of the keydir. Thread-safe.
final class EntryScan {

    /// What an entry takes up beside its key and value, at most.
    private static final int ENTRY_BYTES = 64;

    private final Keydir keydir;
    private final EntryReader entries;

    EntryScan(Keydir keydir, EntryReader entries) {
        this.keydir = keydir;
        this.entries = entries;
    }

    /// The page from a position on; see [Store#scan].
    ScanPage page(long position, int most, long maxBytes, OnDamage onDamage) throws IOException {
        List<Entry> listed = new ArrayList<>();
        long left = maxBytes;
        long next = position;
        do {
            KeydirPage page = keydir.scan(next, most - listed.size());
            for (int i = 0; i < page.size(); i++) {
                left -= ENTRY_BYTES + Location.bytes(page.location(i));
                boolean mayEndBefore = i > 0 ? page.position(i) != page.position(i - 1) : next != position;
                if (left < 0 && mayEndBefore) {
                    return new ScanPage(listed, page.position(i));
                }
                read(page, i, onDamage).ifPresent(listed::add);
            }
            next = page.next();
        } while (next != 0 && listed.size() < most && left > 0);
        return new ScanPage(listed, next);
    }

    private Optional<Entry> read(KeydirPage page, int i, OnDamage onDamage) throws IOException {
        try {
            return Optional.ofNullable(entries.read(page.position(i), page.low(i), page.location(i)));
        } catch (DamagedLogException e) {
            onDamage.accept(e);
            return Optional.empty();
        }
    }
}
