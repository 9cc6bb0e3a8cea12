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

/// Requests that a leader has accepted and not answered: the open group, the groups in the log that are not
/// committed, and the answers that depend on either.
final class PendingRequests {

    /// A proposal whose last record has this sequence.
    private record LoggedProposal(long token, long sequence, Acks acks) {}

    /// An answer that rests on this sequence being committed.
    private record Answer(long token, long sequence) {}

    private final List<Proposal> group = new ArrayList<>();
    private final Deque<LoggedProposal> written = new ArrayDeque<>();

    /// Those of the written that are to be settled once the leader holds them, and how far that has gone.
    private final Deque<LoggedProposal> leaderAcked = new ArrayDeque<>();

    private long leaderAckedEnd;
    private final Queue<Answer> answers = new PriorityQueue<>(Comparator.comparingLong(Answer::sequence));

    private long groupRecords;
    private long groupBytes;
    private boolean hasLeaderAcks;
    private boolean markRequired;

    /// The log's end before the newest group that was closed.
    private long beforeLastGroup;

    /// The sequence of the next record to be added, behind the MARK that opens its group.
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

    /// Has the next group written even if nothing is proposed.
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

    /// How large the group that is filling is.
    long groupBytes() {
        return groupBytes;
    }

    /// Whether one of that group is to be settled once the leader holds it.
    boolean hasLeaderAcks() {
        return hasLeaderAcks;
    }

    List<Proposal> groupProposals() {
        return List.copyOf(group);
    }

    /// Counts the filling group as written behind `logEnd`.
    ///
    /// @return the log's end with it
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

    /// Settles the writes that ask for no more than that the leader holds them.
    void settleLeaderAcked(long acknowledgedEnd, Effects.Builder effects) {
        while (!leaderAcked.isEmpty() && leaderAcked.getFirst().sequence() <= acknowledgedEnd) {
            effects.settle(leaderAcked.removeFirst().token(), null);
        }
        leaderAckedEnd = acknowledgedEnd;
    }

    /// Settles the writes up to the high watermark.
    void settleWrites(long highWatermark, Effects.Builder effects) {
        while (!written.isEmpty() && written.getFirst().sequence() <= highWatermark) {
            settle(written.removeFirst(), null, effects);
        }
    }

    /// Settles the answers that rest on nothing beyond the high watermark.
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

    /// Refuses the newest group that was closed, and what rests on it.
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
    /// @param refusalForLogged for what is in the log already
    /// @param refusalForUnlogged for what nothing was done of
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
