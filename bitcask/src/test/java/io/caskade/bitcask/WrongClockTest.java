package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.embedded.StoreClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// A store on a machine whose clock was wrong for a while.
final class WrongClockTest {

    private static final Path DIRECTORY = Path.of("/store");
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final long YEARS = Duration.ofDays(3652).toMillis();

    private final FaultyDisk disk = new FaultyDisk(1);
    private final ManualClock clock = new ManualClock();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(StoreClock.class);

    @BeforeEach
    void listen() {
        logged.start();
        logger.setLevel(Level.ERROR);
        logger.addAppender(logged);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(logged);
    }

    private Bitcask open() throws IOException {
        return Bitcask.open(DIRECTORY, Options.defaults().withDiskReserve(0).withClock(clock), disk);
    }

    private List<String> errors() {
        return logged.list.stream()
                .filter(event -> event.getLevel() == Level.ERROR)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(longs = {3_600_000L, 315_532_800_000L})
    void afterAClockWasAheadForOnePutKeysStillExpire(long ahead) throws IOException {
        try (Bitcask store = open()) {
            clock.advance(ahead);
            store.put(bytes("a"), bytes("1"));
            clock.advance(-ahead);
            store.put(bytes("b"), bytes("2"), Duration.ofSeconds(2));
            clock.advance(1_900);
            assertThat(store.get(bytes("b"))).isNotNull();
            clock.advance(300);
            assertThat(store.get(bytes("b"))).isNull();
        }
    }

    @Test
    void itIsSaidAtOnceAndWhenTheStoreIsOpenedAgain() throws IOException {
        try (Bitcask store = open()) {
            clock.advance(YEARS);
            store.put(bytes("a"), bytes("1"));
            assertThat(errors()).isEmpty();
            clock.advance(-YEARS);
            store.put(bytes("b"), bytes("2"));
            store.put(bytes("c"), bytes("3"));
            assertThat(errors()).singleElement().asString().contains("3652 days ahead of this machine's clock");
        }
        logged.list.clear();
        try (Bitcask store = open()) {
            assertThat(errors()).singleElement().asString().contains("3652 days ahead of this machine's clock");
            store.put(bytes("d"), bytes("4"), Duration.ofSeconds(2));
            clock.advance(2_200);
            assertThat(store.get(bytes("d"))).isNull();
        }
    }

    @Test
    void aSnapshotOfALogThatIsAheadLetsKeysExpireToo() throws IOException {
        Path snapshot = Path.of("/snapshot");
        try (Bitcask store = open()) {
            clock.advance(HOUR);
            store.put(bytes("a"), bytes("1"));
            clock.advance(-HOUR);
            store.put(bytes("b"), bytes("2"), Duration.ofSeconds(2));
            store.snapshot(snapshot);
        }
        try (Bitcask store =
                Bitcask.open(snapshot, Options.defaults().withDiskReserve(0).withClock(clock), disk)) {
            clock.advance(2_200);
            assertThat(store.get(bytes("b"))).isNull();
        }
    }

    @Test
    void whatTheSystemsClockIsAtCountsFromTheStart() throws IOException {
        try (Bitcask store = Bitcask.open(DIRECTORY, Options.defaults().withDiskReserve(0), disk)) {
            store.put(bytes("a"), bytes("1"), Duration.ofHours(1));
            assertThat(store.get(bytes("a"))).isNotNull();
            assertThat(errors()).isEmpty();
        }
    }
}
