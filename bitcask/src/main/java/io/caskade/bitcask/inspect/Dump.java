package io.caskade.bitcask.inspect;

import io.caskade.bitcask.log.Hole;
import io.caskade.bitcask.log.LogSurvey;
import io.caskade.bitcask.log.RecordFormat;
import io.caskade.bitcask.log.SurveySink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Shows the records of a log that are in a range.
final class Dump implements SurveySink {

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

    void run(LogSurvey survey) throws IOException {
        if (range.liveOnly()) {
            live = LiveKeys.in(survey);
        }
        total = survey.bytes();
        survey.read(this);
    }

    @Override
    public void record(ByteBuffer bytes, int at, Path file, long offset) throws IOException {
        if (range.contains(RecordFormat.sequence(bytes, at)) && (live == null || live.contain(bytes, at))) {
            sink.record(DumpedRecord.of(bytes, at, file, offset));
        }
    }

    @Override
    public void hole(Hole hole) throws IOException {
        if (hole.first() <= range.to() && (hole.last() == 0 || hole.last() >= range.from())) {
            sink.hole(hole);
        }
    }

    @Override
    public void moved(long bytes) {
        done += bytes;
        progress.moved(Math.min(done, total), total);
    }
}
