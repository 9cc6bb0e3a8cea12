package io.caskade.server.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.record.EpochHistory;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.replica.Effects.Settled;
import io.caskade.server.replica.Event.Appended;
import io.caskade.server.replica.Event.CasWon;
import io.caskade.server.replica.Event.Proposed;
import io.caskade.server.replica.Event.ReadBarrierRequested;
import io.caskade.server.replica.Event.StateObserved;
import io.caskade.server.replica.Event.Synced;
import io.caskade.server.replica.Event.TurnEnded;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// A replica whose copy is the only one, or the only one that acts.
class SingleReplicaTest {

    private static final NodeIncarnation SELF = new NodeIncarnation("node-1", "process-2");
    private static final NodeIncarnation SELF_BEFORE = new NodeIncarnation("node-1", "process-1");
    private static final CopyId COPY = new CopyId("node-1", "copy-a");
    private static final CopyId OLDEST_COPY = new CopyId("node-1", "copy-z");
    private static final CopyId FORMER_COPY = new CopyId("node-1", "copy-0");
    private static final CopyId OTHER_COPY = new CopyId("node-2", "copy-b");
    private static final PartitionState NEW = PartitionState.withoutLeader(0, List.of("node-1"), 1);
    private static final PartitionState LED_BEFORE = NEW.withLeadership(SELF_BEFORE, 3, Set.of(COPY));
    private static final Timeouts TIMEOUTS = new Timeouts(1000, 2000, 500, 5000, 5000);
    private static final long WALL = 1_000_000;
    private static final ClockReading NOW = at(WALL);

    private Replica replica = replica(true, Set.of());

    private static ClockReading at(long wall) {
        return new ClockReading(wall, wall);
    }

    private static Replica replica(boolean syncBeforeAck, Set<CopyId> formerCopies) {
        return new Replica(
                options()
                        .formerCopyIds(formerCopies)
                        .syncBeforeAck(syncBeforeAck)
                        .build(),
                RecoveredCopy.EMPTY);
    }

    private static ReplicaOptions.Builder options() {
        return ReplicaOptions.builder(SELF, COPY)
                .idleMarkMillis(500)
                .maxRetainedTombstones(100)
                .timeouts(TIMEOUTS);
    }

    /// Which copy campaigns, and how its claim is settled.
    @Nested
    class Elections {

        @Test
        void thePreferredReplicaOfANewPartitionCampaignsForTheFirstEpoch() {
            Effects effects = replica.step(new StateObserved(new Versioned<>(NEW, 0)), NOW);

            assertThat(effects.stateWrite())
                    .contains(new Effects.StateWrite(NEW.withLeadership(SELF, 1, Set.of(COPY)), 0));
            assertThat(replica.role()).isEqualTo(new Role.Candidate(1));
        }

        @Test
        void anotherReplicaOfANewPartitionWaitsForThePreferredOne() {
            PartitionState state = PartitionState.withoutLeader(0, List.of("node-2", "node-1"), 1);

            assertThat(replica.step(new StateObserved(new Versioned<>(state, 0)), NOW)
                            .stateWrite())
                    .isEmpty();
        }

        @Test
        void aNodeThatIsNotAssignedDoesNotCampaign() {
            PartitionState state = PartitionState.withoutLeader(0, List.of("node-2"), 1);

            assertThat(replica.step(new StateObserved(new Versioned<>(state, 0)), NOW)
                            .stateWrite())
                    .isEmpty();
        }

        @Test
        void aRestartedLeaderTakesTheNextEpochBeforeItDoesAnything() {
            Effects effects = replica.step(new StateObserved(new Versioned<>(LED_BEFORE, 7)), NOW);

            assertThat(effects.stateWrite())
                    .contains(new Effects.StateWrite(LED_BEFORE.withLeadership(SELF, 4, Set.of(COPY)), 7));
            assertThat(effects.append()).isEmpty();
        }

        @Test
        void aCopyThatReplacedTheOneInSyncNeverLeads() {
            PartitionState state = NEW.withLeadership(null, 3, Set.of(FORMER_COPY));

            assertThat(replica.step(new StateObserved(new Versioned<>(state, 7)), NOW)
                            .stateWrite())
                    .isEmpty();
            assertThat(replica.blockedReason()).contains("not in sync");
        }

        @Test
        void aCopyWhoseLogIsAheadOfTheStateDoesNotLead() {
            RecoveredCopy later = RecoveredCopy.builder()
                    .epochs(EpochHistory.EMPTY.with(5, 1))
                    .logEnd(1)
                    .build();
            replica = new Replica(options().build(), later);

            assertThat(replica.step(new StateObserved(new Versioned<>(LED_BEFORE, 7)), NOW)
                            .stateWrite())
                    .isEmpty();
            assertThat(replica.blockedReason()).contains("epoch 5", "restored");
        }

        @Test
        void anUnprovenCopyThatIsAloneLeadsAndWarns() {
            replica = replica(false, Set.of(OLDEST_COPY, FORMER_COPY));
            PartitionState state = NEW.withLeadership(SELF_BEFORE, 3, Set.of(FORMER_COPY));

            Effects effects = replica.step(new StateObserved(new Versioned<>(state, 7)), NOW);

            assertThat(effects.stateWrite())
                    .contains(new Effects.StateWrite(state.withLeadership(SELF, 4, Set.of(COPY)), 7));
            assertThat(effects.notes())
                    .anyMatch(note ->
                            note.level() == Effects.Level.WARN && note.text().contains("may be lost"));
        }

        @Test
        void aCandidateReadsTheStateUntilItsOutcomeIsKnown() {
            replica.step(new StateObserved(new Versioned<>(NEW, 0)), NOW);

            assertThat(replica.step(new Event.CasUnknown(), NOW).readState()).isTrue();
            assertThat(replica.step(new Event.Ticked(), at(WALL + 10)).readState())
                    .isFalse();
            assertThat(replica.step(new Event.Ticked(), at(WALL + 1000)).readState())
                    .isTrue();

            replica.step(new StateObserved(new Versioned<>(NEW.withLeadership(SELF, 1, Set.of(COPY)), 1)), NOW);
            assertThat(replica.role()).isInstanceOf(Role.PendingLeader.class);
        }

        @Test
        void aCompareAndSetThatIsNotWrittenYetIsSentAgainFromTheSameVersion() {
            Effects first = replica.step(new StateObserved(new Versioned<>(NEW, 0)), NOW);
            replica.step(new Event.CasUnknown(), NOW);

            Effects second = replica.step(new StateObserved(new Versioned<>(NEW, 0)), NOW);

            assertThat(second.stateWrite()).isEqualTo(first.stateWrite()).isPresent();
        }

        @Test
        void aNewLeaderServesWhenItsMarkIsCommitted() {
            won();

            Effects.Append mark = replica.step(new TurnEnded(), NOW).append().orElseThrow();
            assertThat(mark).isEqualTo(new Effects.Append(1, 1, WALL, 0, List.of()));
            assertThat(replica.step(new Appended(), NOW).sync()).isTrue();
            assertThat(replica.role()).isInstanceOf(Role.PendingLeader.class);

            replica.step(new Synced(1), NOW);
            assertThat(replica.role()).isEqualTo(new Role.Leader(1));
        }

        @Test
        void anImageThatRepeatsTheStateStartsNoSecondElection() {
            replica.step(new StateObserved(new Versioned<>(NEW, 0)), NOW);

            assertThat(replica.step(new StateObserved(new Versioned<>(NEW, 0)), NOW)
                            .stateWrite())
                    .isEmpty();
            assertThat(replica.role()).isEqualTo(new Role.Candidate(1));
        }

        @Test
        void aCandidateThatLostCampaignsAgainFromTheNewerState() {
            replica.step(new StateObserved(new Versioned<>(NEW, 0)), NOW);

            Effects effects = replica.step(new Event.CasLost(new Versioned<>(LED_BEFORE, 7)), NOW);

            assertThat(effects.stateWrite())
                    .contains(new Effects.StateWrite(LED_BEFORE.withLeadership(SELF, 4, Set.of(COPY)), 7));
        }

        @Test
        void aDeposedLeaderWhoseCopyIsTheOnlyOneInSyncCampaignsAgain() {
            serve();

            Effects effects =
                    replica.step(new StateObserved(new Versioned<>(NEW.withLeadership(null, 2, Set.of(COPY)), 9)), NOW);

            assertThat(effects.stateWrite())
                    .contains(new Effects.StateWrite(NEW.withLeadership(SELF, 3, Set.of(COPY)), 9));
        }

        @Test
        void anOlderStateThatArrivesLateChangesNothing() {
            serve();

            replica.step(new StateObserved(new Versioned<>(NEW, 0)), NOW);

            assertThat(replica.role()).isEqualTo(new Role.Leader(1));
        }
    }

    /// When a write is acknowledged.
    @Nested
    class Writes {

        @Test
        void proposalsAreRefusedUntilTheLeaderServes() {
            assertThat(propose(1).settled()).containsExactly(new Settled(1, Refusal.NOT_LEADER));
            won();
            assertThat(propose(2).settled()).containsExactly(new Settled(2, Refusal.NOT_SERVING));
        }

        @Test
        void aWriteIsAcknowledgedOnlyAfterTheSyncThatCoversIt() {
            serve();

            assertThat(propose(1).settled()).isEmpty();
            assertThat(replica.step(new TurnEnded(), NOW).append()).isPresent();
            Effects appended = replica.step(new Appended(), NOW);
            assertThat(appended.sync()).isTrue();
            assertThat(appended.settled()).isEmpty();
            assertThat(appended.commit()).isEmpty();

            Effects synced = replica.step(new Synced(3), NOW);
            assertThat(synced.commit()).hasValue(3);
            assertThat(synced.settled()).containsExactly(new Settled(1, null));
        }

        @Test
        void aSyncThatCoversLessAcknowledgesNothing() {
            serve();
            propose(1);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);

            assertThat(replica.step(new Synced(1), NOW).settled()).isEmpty();
        }

        @Test
        void proposalsDuringASyncFormTheNextGroup() {
            serve();
            propose(1);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);

            propose(2);
            propose(3);
            assertThat(replica.step(new TurnEnded(), NOW).append()).isEmpty();

            Effects synced = replica.step(new Synced(3), at(WALL + 5));
            assertThat(synced.append()).as("the writer may come again").isEmpty();
            assertThat(synced.wakeAfterMillis()).hasValue(1);
            Effects.Append next =
                    replica.step(new TurnEnded(), at(WALL + 7)).append().orElseThrow();
            assertThat(next.firstSequence()).isEqualTo(4);
            assertThat(next.time()).isEqualTo(WALL + 7);
            assertThat(next.highWatermark()).isEqualTo(3);
            assertThat(next.proposals()).extracting(Proposal::token).containsExactly(2L, 3L);
        }

        @Test
        void aGroupIsAppendedAsSoonAsTheOneBeforeItIsSynced() {
            serve();
            propose(1);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);
            propose(2);
            assertThat(replica.step(new TurnEnded(), NOW).append()).isEmpty();

            assertThat(replica.step(new Synced(3), NOW).append()).isPresent();
        }

        @Test
        void theNextSequenceIsKnownBeforeTheGroupIsWritten() {
            serve();

            assertThat(replica.nextSequence()).isEqualTo(3);
            propose(1);
            assertThat(replica.nextSequence()).isEqualTo(4);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);
            assertThat(replica.nextSequence()).isEqualTo(5);
        }

        @Test
        void aLeaderThatDoesNotAwaitSyncsAcknowledgesWhatIsInTheLog() {
            replica = replica(false, Set.of());
            won();
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);
            propose(1);
            replica.step(new TurnEnded(), NOW);

            Effects appended = replica.step(new Appended(), NOW);

            assertThat(appended.sync()).isFalse();
            assertThat(appended.settled()).containsExactly(new Settled(1, null));
        }

        @Test
        void theMarkOfALeaderThatDoesNotAwaitSyncsNamesOnlyWhatIsSynced() {
            replica = replica(false, Set.of());
            won();
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);
            propose(1);

            assertThat(replica.step(new TurnEnded(), NOW).append().orElseThrow().highWatermark())
                    .isZero();
        }

        @Test
        void aWriteWithAcksLeaderIsAnsweredOnceWhenItIsDurableOnTheLeader() {
            PartitionState state = PartitionState.withoutLeader(0, List.of("node-1", "node-2"), 1)
                    .withLeadership(SELF, 1, Set.of(COPY, OTHER_COPY));
            replica.step(new StateObserved(new Versioned<>(state, 1)), NOW);
            commitAll(1);
            replica.step(new StateObserved(new Versioned<>(state.withIsr(Set.of(COPY)), 2)), NOW);
            replica.step(new StateObserved(new Versioned<>(state, 3)), NOW);
            RecordDraft draft = new RecordDraft.Tombstone(new byte[] {1});
            replica.step(new Proposed(new Proposal(1, List.of(draft), Proposal.Acks.LEADER)), NOW);
            replica.step(new TurnEnded(), NOW);
            assertThat(replica.step(new Appended(), NOW).settled()).isEmpty();

            Effects synced = replica.step(new Synced(3), NOW);
            assertThat(synced.settled()).containsExactly(new Settled(1, null));
            assertThat(synced.commit()).isEmpty();

            PartitionState deposed = state.withLeadership(null, 2, Set.of(OTHER_COPY));
            assertThat(replica.step(new StateObserved(new Versioned<>(deposed, 4)), NOW)
                            .settled())
                    .isEmpty();
        }

        @Test
        void aDeposedLeaderReportsAnUnknownOutcomeForWhatIsInTheLog() {
            serve();
            propose(1);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);
            propose(2);

            PartitionState deposed = PartitionState.withoutLeader(0, List.of("node-1", "node-2"), 1)
                    .withLeadership(new NodeIncarnation("node-2", "p"), 2, Set.of(OTHER_COPY));
            Effects effects = replica.step(new StateObserved(new Versioned<>(deposed, 9)), NOW);

            assertThat(effects.settled())
                    .containsExactly(new Settled(1, Refusal.OUTCOME_UNKNOWN), new Settled(2, Refusal.NOT_LEADER));
            assertThat(replica.step(new Synced(3), NOW).settled()).isEmpty();
            assertThat(propose(3).settled()).containsExactly(new Settled(3, Refusal.NOT_LEADER));
        }
    }

    /// Writes beyond the disk.
    @Nested
    class Limits {

        @Test
        void aGroupWithoutRoomOnTheDiskIsRefusedAndTheLogStaysUsable() {
            serve();
            propose(1);
            replica.step(new TurnEnded(), NOW);

            Effects refused = replica.step(new Event.AppendRejected(), NOW);

            assertThat(refused.settled()).containsExactly(new Settled(1, Refusal.DISK_FULL));
            propose(2);
            assertThat(replica.step(new TurnEnded(), NOW).append().orElseThrow().firstSequence())
                    .isEqualTo(2);
        }

        @Test
        void aMarkWithoutRoomOnTheDiskDoesNotCount() {
            serve();
            propose(1);
            commitAll(3);
            propose(2);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Event.AppendRejected(), NOW);

            assertThat(replica.step(new Event.Ticked(), at(WALL + 600)).append())
                    .isPresent();
        }
    }

    /// What an answer waits for when it depends on records or on the time.
    @Nested
    class Answers {

        @Test
        void anAnswerThatDependsOnARecordInFlightWaitsForIt() {
            serve();
            propose(1);

            assertThat(replica.step(new ReadBarrierRequested(2, 3, 0), NOW).settled())
                    .isEmpty();

            assertThat(commitAll(3).settled()).containsExactly(new Settled(1, null), new Settled(2, null));
        }

        @Test
        void anAnswerThatDependsOnCommittedRecordsIsGivenAtOnce() {
            serve();

            assertThat(replica.step(new ReadBarrierRequested(1, 1, 0), NOW).settled())
                    .containsExactly(new Settled(1, null));
        }

        @Test
        void anAnswerThatDependsOnTheTimeWaitsForAMarkWithThatTime() {
            serve();

            replica.step(new ReadBarrierRequested(1, 0, WALL + 50), at(WALL + 50));
            Effects.Append mark =
                    replica.step(new TurnEnded(), at(WALL + 50)).append().orElseThrow();
            assertThat(mark.time()).isEqualTo(WALL + 50);
            replica.step(new Appended(), at(WALL + 50));

            assertThat(replica.step(new Synced(2), at(WALL + 50)).settled()).containsExactly(new Settled(1, null));
        }

        @Test
        void anAnswerThatDependsOnATimeStillWaitsForItWhenTheClockIsSetBack() {
            serve();

            replica.step(new ReadBarrierRequested(1, 0, WALL + 50), at(WALL + 50));

            assertThat(replica.leaderTime(at(WALL), 0)).isEqualTo(WALL + 50);
            assertThat(replica.step(new TurnEnded(), NOW).append().orElseThrow().time())
                    .isEqualTo(WALL + 50);
        }

        @Test
        void aLeaderUsesTheLogsTimeWhenItsClockIsBehind() {
            serve();

            assertThat(replica.leaderTime(at(WALL), WALL + 70)).isEqualTo(WALL + 70);
        }

        @Test
        void anAnswerThatDependsOnTheTimeAndOnARecordOfTheSameGroupWaitsForBoth() {
            serve();
            propose(1);
            replica.step(new ReadBarrierRequested(2, 3, WALL + 50), NOW);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);

            assertThat(replica.step(new Synced(2), NOW).settled()).isEmpty();
            assertThat(replica.step(new Synced(3), NOW).settled())
                    .containsExactlyInAnyOrder(new Settled(1, null), new Settled(2, null));
        }
    }

    /// The MARKs of an idle leader, and their time.
    @Nested
    class Marks {

        @Test
        void anIdleLeaderThatNeverSyncsWritesNoFurtherMarks() {
            replica = replica(false, Set.of());
            won();
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);
            propose(1);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);

            assertThat(replica.step(new Event.Ticked(), at(WALL + 600)).append())
                    .isEmpty();
        }

        @Test
        void anIdleLeaderMarksItsLastWritesThoughTheClockWasSetBack() {
            serve();
            propose(1);
            commitAll(3);

            assertThat(replica.step(new Event.Ticked(), at(WALL - 3_600_000)).append())
                    .isPresent();
        }

        @Test
        void theTimeInMarksNeverGoesBack() {
            serve();
            propose(1);

            assertThat(replica.step(new TurnEnded(), at(WALL - 500))
                            .append()
                            .orElseThrow()
                            .time())
                    .isEqualTo(WALL);
        }

        @Test
        void anIdleLeaderMarksItsLastWritesOnce() {
            serve();
            propose(1);
            commitAll(3);

            assertThat(replica.step(new Event.Ticked(), at(WALL + 100)).append())
                    .isEmpty();
            Effects.Append mark =
                    replica.step(new Event.Ticked(), at(WALL + 600)).append().orElseThrow();
            assertThat(mark.highWatermark()).isEqualTo(3);
            assertThat(mark.proposals()).isEmpty();
            replica.step(new Appended(), at(WALL + 600));
            replica.step(new Synced(4), at(WALL + 600));

            assertThat(replica.step(new Event.Ticked(), at(WALL + 5000)).append())
                    .isEmpty();
        }
    }

    /// How a replica stops or is fenced.
    @Nested
    class Ending {

        @Test
        void aLeaderThatStopsWhileTheDiskIsFullStops() {
            serve();
            propose(1);
            replica.step(new Event.StopRequested(), NOW);
            replica.step(new TurnEnded(), NOW);

            assertThat(replica.step(new Event.AppendRejected(), NOW).settled())
                    .containsExactly(new Settled(1, Refusal.DISK_FULL));
            assertThat(replica.role()).isEqualTo(new Role.Stopped());
        }

        @Test
        void aFailedDiskFencesTheCopyForGood() {
            serve();
            propose(1);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);

            assertThat(replica.step(new Event.DiskFailed("EIO"), NOW).settled())
                    .containsExactly(new Settled(1, Refusal.OUTCOME_UNKNOWN));
            assertThat(propose(2).settled()).containsExactly(new Settled(2, Refusal.COPY_FENCED));
        }

        @Test
        void aStoppingLeaderCompletesWritesInFlightAndAcceptsNoOthers() {
            serve();
            propose(1);
            replica.step(new TurnEnded(), NOW);
            replica.step(new Appended(), NOW);

            replica.step(new Event.StopRequested(), NOW);
            assertThat(propose(2).settled()).containsExactly(new Settled(2, Refusal.NOT_SERVING));
            assertThat(replica.role()).isEqualTo(new Role.Transferring(1));

            assertThat(replica.step(new Synced(3), NOW).settled()).containsExactly(new Settled(1, null));
            assertThat(replica.role()).isEqualTo(new Role.Stopped());
        }

        @Test
        void anIdleReplicaStopsAtOnce() {
            replica.step(new Event.StopRequested(), NOW);

            assertThat(replica.role()).isEqualTo(new Role.Stopped());
        }
    }

    private void won() {
        replica.step(new StateObserved(new Versioned<>(NEW, 0)), NOW);
        replica.step(new CasWon(new Versioned<>(NEW.withLeadership(SELF, 1, Set.of(COPY)), 1)), NOW);
    }

    private void serve() {
        won();
        commitAll(1);
    }

    private Effects commitAll(long end) {
        replica.step(new TurnEnded(), NOW);
        replica.step(new Appended(), NOW);
        return replica.step(new Synced(end), NOW);
    }

    private Effects propose(long token) {
        return propose(token, 10);
    }

    private Effects propose(long token, int valueBytes) {
        RecordDraft draft = new RecordDraft.Put(new byte[] {1}, new byte[valueBytes], 0);
        return replica.step(new Proposed(new Proposal(token, List.of(draft))), NOW);
    }
}
