package io.caskade.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.api.CausalContext;
import io.caskade.api.v1.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CaskadeClientTest {

    private static final byte[] KEY = "key".getBytes(UTF_8);
    private static final byte[] ONE = "1".getBytes(UTF_8);
    private static final byte[] TWO = "2".getBytes(UTF_8);
    private static final int PARTITIONS = 8;

    private FakeCluster cluster;
    private CaskadeClient client;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(PARTITIONS);
        client = CaskadeClient.create(cluster.config());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        cluster.close();
    }

    @Test
    void aPutValueIsRead() {
        WriteResult put = client.put(KEY, ONE);

        assertThat(client.get(KEY)).contains(new Entry(Bytes.of(KEY), Bytes.of(ONE), put.version(), Optional.empty()));
    }

    @Test
    void aMissingRecordIsEmpty() {
        assertThat(client.get(KEY)).isEmpty();
        assertThat(client.timeToLive(KEY)).isEmpty();
        assertThat(client.exists(KEY)).isFalse();
    }

    @Test
    void severalRecordsAreReadInTheOrderOfTheirKeys() {
        cluster.node().apply(3, 90);
        client.put(KEY, ONE);
        byte[] other = "other".getBytes(UTF_8);
        client.put(other, TWO);

        ReadResult<List<Optional<Entry>>> all =
                client.getAll(List.of(other, "none".getBytes(UTF_8), KEY, other), ReadMode.linearizable());

        assertThat(all.value())
                .extracting(found -> found.map(Entry::value))
                .containsExactly(
                        Optional.of(Bytes.of(TWO)),
                        Optional.empty(),
                        Optional.of(Bytes.of(ONE)),
                        Optional.of(Bytes.of(TWO)));
        assertThat(all.context().covers(client.get(KEY, ReadMode.linearizable()).context()))
                .isTrue();
        assertThat(all.context()
                        .covers(client.get(other, ReadMode.linearizable()).context()))
                .isTrue();
        assertThat(client.getAll(List.of(), ReadMode.linearizable()).value()).isEmpty();
    }

    @Test
    void aReadOfSeveralRecordsFailsWhenOneFails() {
        cluster.node().refuse(ErrorCode.ERROR_CODE_INVALID_ARGUMENT);

        assertThatThrownBy(() -> client.getAll(List.of(KEY, ONE), ReadMode.linearizable()))
                .isInstanceOf(RefusedException.class);
    }

    @Test
    void aPutWhoseConditionDoesNotHoldIsNotApplied() {
        client.put(KEY, ONE);

        WriteResult result = client.put(KEY, TWO, PutOptions.DEFAULT.onlyIf(Condition.absent()));

        assertThat(result).isEqualTo(new WriteResult(false, true, 0, CausalContext.EMPTY));
        assertThat(client.get(KEY)).map(Entry::value).contains(Bytes.of(ONE));
    }

    @Test
    void aTimeToLiveIsSetAndRead() {
        client.put(KEY, ONE, PutOptions.DEFAULT.expiringAfter(Duration.ofHours(1)));

        assertThat(client.timeToLive(KEY).flatMap(TimeToLive::remaining))
                .hasValueSatisfying(left -> assertThat(left).isBetween(Duration.ofMinutes(50), Duration.ofHours(1)));
        assertThat(client.get(KEY).flatMap(Entry::expiresAt))
                .hasValueSatisfying(moment -> assertThat(moment).isAfter(Instant.now()));
    }

    @Test
    void expireAndPersistChangeTheExpiry() {
        client.put(KEY, ONE);

        assertThat(client.expire(KEY, Expiry.after(Duration.ofHours(1))).applied())
                .isTrue();
        assertThat(client.persist(KEY).applied()).isTrue();
        assertThat(client.timeToLive(KEY)).map(TimeToLive::remaining).contains(Optional.empty());
    }

    @Test
    void theWritesOfABatchAreDoneInOrderAndEachIsAnswered() {
        WriteBatchResult result = client.write(WriteBatch.builder()
                .check(KEY, Condition.absent())
                .put(KEY, ONE)
                .increment(KEY, 4)
                .put(KEY, "text".getBytes(UTF_8), PutOptions.DEFAULT.onlyIf(Condition.present()))
                .increment(KEY, 1)
                .compareAndSet(KEY, Expectation.absent(), TWO)
                .build());

        assertThat(result).isInstanceOfSatisfying(WriteBatchResult.Applied.class, applied -> {
            assertThat(applied.outcomes()).hasSize(5);
            assertThat(applied.outcomes().get(1))
                    .isInstanceOfSatisfying(
                            WriteBatchResult.Outcome.Counted.class,
                            counted -> assertThat(counted.counter().value()).isEqualTo(5));
            assertThat(applied.outcomes().get(3))
                    .isInstanceOfSatisfying(
                            WriteBatchResult.Outcome.Refused.class,
                            refused -> assertThat(refused.code()).isEqualTo(ErrorCode.ERROR_CODE_WRONG_VALUE));
            assertThat(applied.outcomes().get(4))
                    .isInstanceOfSatisfying(
                            WriteBatchResult.Outcome.Compared.class,
                            compared -> assertThat(compared.result()).isInstanceOf(CompareAndSetResult.Differs.class));
        });
        assertThat(client.get(KEY)).map(Entry::value).contains(Bytes.utf8("text"));
    }

    @Test
    void aBatchWhoseCheckDoesNotHoldSaysWhichAndWritesNothing() {
        client.put(KEY, ONE);

        WriteBatchResult result = client.write(WriteBatch.builder()
                .check(KEY, Condition.present())
                .check(KEY, Condition.absent())
                .delete(KEY)
                .build());

        assertThat(result).isEqualTo(new WriteBatchResult.CheckFailed(1, CausalContext.EMPTY));
        assertThat(client.exists(KEY)).isTrue();
    }

    @Test
    void anEmptyBatchIsNotBuilt() {
        assertThatThrownBy(() -> WriteBatch.builder().build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("at least one");
    }

    @Test
    void aDeletedRecordIsGone() {
        client.put(KEY, ONE);

        assertThat(client.delete(KEY).applied()).isTrue();
        assertThat(client.delete(KEY).applied()).isFalse();
        assertThat(client.get(KEY)).isEmpty();
    }

    @Test
    void aCounterCounts() {
        assertThat(client.increment(KEY, 5).value()).isEqualTo(5);
        assertThat(client.increment(KEY, -7).value()).isEqualTo(-2);
    }

    @Test
    void anIncrementOfAValueThatIsNoNumberIsRefusedByName() {
        client.put(KEY, "many".getBytes(UTF_8));

        assertThatThrownBy(() -> client.increment(KEY, 1))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.ERROR_CODE_WRONG_VALUE))
                .hasMessageContaining("WRONG_VALUE")
                .hasMessageContaining(FakeCluster.NODE);
    }

    @Test
    void aFailedCompareAndSetReturnsTheCurrentRecord() {
        client.put(KEY, ONE);

        assertThat(client.compareAndSet(KEY, Expectation.value(TWO), TWO))
                .isInstanceOfSatisfying(
                        CompareAndSetResult.Differs.class,
                        differs ->
                                assertThat(differs.current()).map(Entry::value).contains(Bytes.of(ONE)));
        assertThat(client.compareAndSet(KEY, Expectation.value(ONE), TWO))
                .isInstanceOf(CompareAndSetResult.Applied.class);
    }

    @Test
    void aScanListsEveryRecordOfEveryPartitionOnce() {
        Set<Bytes> keys = new HashSet<>();
        for (int i = 0; i < 250; i++) {
            Bytes key = Bytes.utf8("key-" + i);
            keys.add(key);
            client.put(key.toArray(), ONE);
        }

        List<Bytes> listed =
                client.scan(ScanOptions.DEFAULT.withPageSize(7)).map(Entry::key).toList();

        assertThat(listed).doesNotHaveDuplicates().hasSameElementsAs(keys);
    }

    @Test
    void aScanResumesFromAPrintedCursor() {
        for (int i = 0; i < 20; i++) {
            client.put(Bytes.utf8("key-" + i).toArray(), ONE);
        }
        ScanOptions options = ScanOptions.DEFAULT.withPageSize(3).withoutValues();
        Set<Bytes> listed = new HashSet<>();
        Optional<ScanCursor> cursor = Optional.of(ScanCursor.START);
        while (cursor.isPresent()) {
            ScanPage page = client.scan(ScanCursor.parse(cursor.get().toString()), options);
            page.entries().forEach(entry -> assertThat(listed.add(entry.key())).isTrue());
            cursor = page.next();
        }

        assertThat(listed).hasSize(20);
    }

    @Test
    void aScanWithAPrefixListsOnlyMatchingKeys() {
        client.put("apple".getBytes(UTF_8), ONE);
        client.put("banana".getBytes(UTF_8), ONE);

        assertThat(client.scan(ScanOptions.DEFAULT.withPrefix("app".getBytes(UTF_8))))
                .extracting(Entry::key)
                .containsExactly(Bytes.utf8("apple"));
    }

    @Test
    void theClusterViewMatchesZooKeeper() throws Exception {
        cluster.write("/controller/_c_1-latch-0000000007", "node-2");
        cluster.write("/controller/_c_2-latch-0000000003", FakeCluster.NODE);

        ClusterView view = client.cluster();

        assertThat(view.controller()).contains(FakeCluster.NODE);
        assertThat(view.nodes()).extracting(ClusterView.Node::id).containsExactly(FakeCluster.NODE);
        assertThat(view.partitions()).hasSize(PARTITIONS).allSatisfy(partition -> {
            assertThat(partition.leader()).map(ClusterView.Leader::node).contains(FakeCluster.NODE);
            assertThat(partition.inSync()).containsExactly(FakeCluster.NODE);
            assertThat(partition.epoch()).isEqualTo(1);
        });
    }
}
