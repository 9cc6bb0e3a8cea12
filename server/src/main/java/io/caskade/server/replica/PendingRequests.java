package io.caskade.server.replica;

import io.caskade.server.replica.Proposal.Acks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// Requests that a leader has accepted and not completed: the open group, the uncommitted groups in the log,
/// and the answers that depend on either.
final class PendingRequests {

    /// A proposal in the log; `sequence` is its last record's.
    private record LoggedProposal(long token, long sequence, Acks acks) {}

    /// An answer that waits until `sequence` is committed.
    private record Answer(long token, long sequence) {}

    private final List<Proposal> group = new ArrayList<>();
    private final Deque<LoggedProposal> written = new ArrayDeque<>();

    /// Logged proposals with acks LEADER, and up to where they are acknowledged.
    private final Deque<LoggedProposal> leaderAcked = new ArrayDeque<>();

    private long leaderAckedEnd;
    private final Queue<Answer> answers = new PriorityQueue<>(Comparator.comparingLong(Answer::sequence));

    private long groupRecords;
    private long groupBytes;
    private boolean hasLeaderAcks;
    private boolean markRequired;

    /// The log end before the newest closed group.
    private long beforeLastGroup;

    /// The sequence of the next record, after the MARK that opens its group.
    long nextSequence(long logEnd) {
        return markOf(logEnd) + 1 + groupRecords;
    }

    private static long markOf(long logEnd) {
        return logEnd + 1;
    }

    void add(Proposal proposal) {
        group.add(proposal);
        groupRecords += proposal.records().size();
        groupBytes += proposal.bytes();
        hasLeaderAcks |= proposal.acks() == Acks.LEADER;
    }

    /// Makes the next group be written even if nothing is proposed.
    void requireMark() {
        markRequired = true;
    }

    void addAnswerBehindNextMark(long token, long sequence, long logEnd) {
        requireMark();
        addAnswer(token, Math.max(sequence, markOf(logEnd)));
    }

    void addAnswer(long token, long sequence) {
        answers.add(new Answer(token, sequence));
    }

    boolean hasGroup() {
        return markRequired || !group.isEmpty();
    }

    boolean isEmpty() {
        return !hasGroup() && written.isEmpty() && answers.isEmpty();
    }

    /// Whether the open group is written even if nothing is proposed.
    boolean isMarkRequired() {
        return markRequired;
    }

    /// The number of proposals in the open group.
    int groupSize() {
        return group.size();
    }

    /// The size of the open group.
    long groupBytes() {
        return groupBytes;
    }

    /// Whether the open group has a proposal with acks LEADER.
    boolean hasLeaderAcks() {
        return hasLeaderAcks;
    }

    List<Proposal> groupProposals() {
        return List.copyOf(group);
    }

    /// Closes the open group, which is written after `logEnd`.
    ///
    /// @return the log end with it
    long closeGroup(long logEnd) {
        beforeLastGroup = logEnd;
        long sequence = markOf(logEnd);
        for (Proposal proposal : group) {
            sequence += proposal.records().size();
            LoggedProposal last = new LoggedProposal(proposal.token(), sequence, proposal.acks());
            written.addLast(last);
            if (last.acks() == Acks.LEADER) {
                leaderAcked.addLast(last);
            }
        }
        clearGroup();
        return sequence;
    }

    private void clearGroup() {
        group.clear();
        groupRecords = 0;
        groupBytes = 0;
        hasLeaderAcks = false;
        markRequired = false;
    }

    /// Completes the writes with acks LEADER up to the acknowledged end.
    void settleLeaderAcked(long acknowledgedEnd, Effects.Builder effects) {
        while (!leaderAcked.isEmpty() && leaderAcked.getFirst().sequence() <= acknowledgedEnd) {
            effects.settle(leaderAcked.removeFirst().token(), null);
        }
        leaderAckedEnd = acknowledgedEnd;
    }

    /// Completes the writes up to the high watermark.
    ///
    /// @return how many there were, but for those with acks LEADER
    int settleWrites(long highWatermark, Effects.Builder effects) {
        int answered = 0;
        while (!written.isEmpty() && written.getFirst().sequence() <= highWatermark) {
            LoggedProposal first = written.removeFirst();
            settle(first, null, effects);
            answered += first.acks() == Acks.LEADER ? 0 : 1;
        }
        return answered;
    }

    /// Completes the answers that depend on nothing beyond the high watermark.
    void settleAnswers(long highWatermark, Effects.Builder effects) {
        settleAnswers(highWatermark, null, effects);
    }

    /// Refuses the answers that wait for nothing but the lease.
    void refuseAnswers(long highWatermark, Refusal refusal, Effects.Builder effects) {
        settleAnswers(highWatermark, refusal, effects);
    }

    private void settleAnswers(long highWatermark, @Nullable Refusal refusal, Effects.Builder effects) {
        for (Answer answer = answers.peek();
                answer != null && answer.sequence() <= highWatermark;
                answer = answers.peek()) {
            effects.settle(answers.remove().token(), refusal);
        }
    }

    /// Refuses the newest closed group, and the answers that depend on it.
    void refuseLastGroup(Refusal refusal, Effects.Builder effects) {
        while (!written.isEmpty() && written.getLast().sequence() > beforeLastGroup) {
            settle(written.removeLast(), refusal, effects);
        }
        leaderAcked.removeIf(proposal -> proposal.sequence() > beforeLastGroup);
        List<Answer> dependent = answers.stream()
                .filter(answer -> answer.sequence() > beforeLastGroup)
                .toList();
        answers.removeAll(dependent);
        dependent.forEach(answer -> effects.settle(answer.token(), refusal));
    }

    /// Refuses everything.
    ///
    /// @param refusalForLogged for requests that are in the log
    /// @param refusalForUnlogged for requests that were never logged
    void refuseAll(Refusal refusalForLogged, Refusal refusalForUnlogged, Effects.Builder effects) {
        while (!written.isEmpty()) {
            settle(written.removeFirst(), refusalForLogged, effects);
        }
        leaderAcked.clear();
        leaderAckedEnd = 0;
        for (Proposal proposal : group) {
            effects.settle(proposal.token(), refusalForUnlogged);
        }
        clearGroup();
        for (Answer answer : answers) {
            effects.settle(answer.token(), refusalForUnlogged);
        }
        answers.clear();
    }

    private void settle(LoggedProposal proposal, @Nullable Refusal refusal, Effects.Builder effects) {
        boolean alreadyAcknowledged = proposal.acks() == Acks.LEADER && proposal.sequence() <= leaderAckedEnd;
        if (!alreadyAcknowledged) {
            effects.settle(proposal.token(), refusal);
        }
    }
}
