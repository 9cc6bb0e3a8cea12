package io.caskade.cli.migration;

import java.util.List;

/// Some keys of a store.
///
/// @param records the strings
/// @param skipped what cannot be copied
/// @param gone how many keys were listed but no longer there when they were read
record KeyBatch(List<StringRecord> records, List<SkippedKey> skipped, int gone) {

    KeyBatch {
        records = List.copyOf(records);
        skipped = List.copyOf(skipped);
    }

    int size() {
        return records.size() + skipped.size() + gone;
    }
}
