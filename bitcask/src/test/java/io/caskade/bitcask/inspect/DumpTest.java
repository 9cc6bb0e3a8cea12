package io.caskade.bitcask.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DumpTest {

    private final List<DumpedRecord> records = new ArrayList<>();
    private final List<Gap> gaps = new ArrayList<>();

    private void dump(CopyOnDisk copy, DumpRange range) throws IOException {
        records.clear();
        gaps.clear();
        DumpSink sink = new DumpSink() {
            @Override
            public void record(DumpedRecord next) {
                records.add(next);
            }

            @Override
            public void gap(Gap gap) {
                gaps.add(gap);
            }
        };
        try (OfflineCopy taken = copy.take()) {
            taken.dump(range, sink, Progress.NONE);
        }
    }

    @Test
    void everyRecordIsDumpedAsWritten() throws IOException {
        CopyOnDisk copy = CopyOnDisk.plain(10);
        dump(copy, DumpRange.ALL);
        assertThat(records).extracting(DumpedRecord::sequence).containsExactlyElementsOf(upTo(20));
        DumpedRecord mark = records.get(18);
        assertThat(mark.kind()).isEqualTo(RecordKind.MARK);
        assertThat(mark.time()).isEqualTo(1_000);
        assertThat(mark.highWatermark()).isEqualTo(18);
        DumpedRecord put = records.get(19);
        assertThat(put.kind()).isEqualTo(RecordKind.PUT);
        assertThat(CopyOnDisk.text(put.key())).isEqualTo("key9");
        assertThat(CopyOnDisk.text(put.value())).isEqualTo("value9");
        assertThat(put.epoch()).isEqualTo(1);
        assertThat(gaps).isEmpty();
    }

    @Test
    void theDumpCanBeLimitedToARangeOfSequences() throws IOException {
        dump(CopyOnDisk.plain(10), new DumpRange(7, 11, false));
        assertThat(records).extracting(DumpedRecord::sequence).containsExactly(7L, 8L, 9L, 10L, 11L);
    }

    @Test
    void onlyVisibleValuesAreLive() throws IOException {
        CopyOnDisk copy = CopyOnDisk.whole();
        dump(copy, new DumpRange(1, Long.MAX_VALUE, true));
        Map<String, String> shown = new TreeMap<>();
        records.forEach(record -> assertThat(shown.put(CopyOnDisk.text(record.key()), CopyOnDisk.text(record.value())))
                .isNull());
        assertThat(shown).isEqualTo(copy.contents());
    }

    @Test
    void expiredValuesAreNotLive() throws IOException {
        CopyOnDisk copy = new CopyOnDisk();
        try (Store store = copy.open()) {
            copy.group(store, records -> records.put(CopyOnDisk.bytes("gone"), CopyOnDisk.bytes("1"), 1_000));
            copy.group(store, records -> records.put(CopyOnDisk.bytes("there"), CopyOnDisk.bytes("1"), 1_001));
        }
        dump(copy, new DumpRange(1, Long.MAX_VALUE, true));
        assertThat(records).extracting(record -> CopyOnDisk.text(record.key())).containsExactly("there");
    }

    @Test
    void gapsAreReportedWhereTheyAre() throws IOException {
        CopyOnDisk copy = CopyOnDisk.plain(10);
        copy.flipIn("value5");
        dump(copy, DumpRange.ALL);
        assertThat(records).hasSize(19).noneMatch(record -> record.sequence() == 12);
        assertThat(gaps).hasSize(1);
        assertThat(gaps.getFirst().first()).isEqualTo(12);
        assertThat(gaps.getFirst().last()).isEqualTo(12);
        dump(copy, new DumpRange(13, 20, false));
        assertThat(gaps).isEmpty();
    }

    private static List<Long> upTo(long last) {
        List<Long> all = new ArrayList<>();
        for (long i = 1; i <= last; i++) {
            all.add(i);
        }
        return all;
    }
}
