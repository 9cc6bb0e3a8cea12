package io.caskade.bitcask.inspect;

import io.caskade.bitcask.record.RecordFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Dumps the records of a log within a range.
final class Dump implements SalvageSink {

    private final DumpRange range;
    private final DumpSink sink;
    private final Progress progress;
    private @Nullable LiveKeys live;
    private long total;
    private long done;

    Dump(DumpRange range, DumpSink sink, Progress progress) {
        this.range = range;
        this.sink = sink;
        this.progress = progress;
    }

    void run(SalvageScan scan) throws IOException {
        if (range.liveOnly()) {
            live = LiveKeys.in(scan);
        }
        total = scan.bytes();
        scan.read(this);
    }

    @Override
    public void record(ByteBuffer bytes, int at, Path file, long offset) throws IOException {
        if (range.contains(RecordFormat.sequence(bytes, at)) && (live == null || live.contain(bytes, at))) {
            sink.record(DumpedRecord.of(bytes, at, file, offset));
        }
    }

    @Override
    public void gap(Gap gap) throws IOException {
        if (gap.first() <= range.to() && (gap.last() == 0 || gap.last() >= range.from())) {
            sink.gap(gap);
        }
    }

    @Override
    public void moved(long bytes) {
        done += bytes;
        progress.moved(Math.min(done, total), total);
    }
}
