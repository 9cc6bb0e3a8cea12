package io.caskade.server.replica;

import io.caskade.server.cluster.InSyncCopy;
import io.caskade.server.cluster.Leader;
import io.caskade.server.replica.Role.Following;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Yielding;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// This copy: who it is, how far it has come, and its role with what exists in that role alone. What the parts
/// of a [Replica] have in common.
final class LocalCopy {

    private final Leader self;
    private final Timing timing;
    private final Offsets offsets;
    private InSyncCopy identity;
    private Set<InSyncCopy> formerIdentities;

    private Role role = new Following();

    /// In the roles that lead.
    private @Nullable Leadership leadership;

    /// While it follows, once a state was seen.
    private @Nullable Followership followership;

    /// When this process last promised an older leader to let nobody else lead, or when it began: it may have
    /// promised that before.
    private @Nullable Moment promisedAt;

    private @Nullable Moment steppedAt;
    private boolean stopping;

    /// What is wrong with it, while it leads on to hand over.
    private @Nullable String damage;
    private long streams;

    LocalCopy(ReplicaOptions options, Recovered recovered) {
        this.self = options.self();
        this.timing = options.timing();
        this.streams = options.streams();
        this.offsets = new Offsets(options.awaitsSync(), recovered);
        this.identity = options.copy();
        this.formerIdentities = options.formerCopies();
    }

    /// The process it belongs to.
    Leader self() {
        return self;
    }

    String node() {
        return identity.node();
    }

    InSyncCopy identity() {
        return identity;
    }

    Set<InSyncCopy> formerIdentities() {
        return formerIdentities;
    }

    Offsets offsets() {
        return offsets;
    }

    Role role() {
        return role;
    }

    void become(Role next) {
        if (!RoleTransitions.allows(role, next)) {
            throw new IllegalStateException(role + " cannot become " + next);
        }
        role = next;
    }

    /// A process that was paused has heard nothing because it did not listen.
    void noticeTime(Moment now) {
        if (promisedAt == null) {
            promisedAt = now;
        }
        boolean stalled = steppedAt != null && now.since(steppedAt) >= timing.lease();
        if (stalled && followership != null) {
            followership.suspicion().heard(now);
        }
        steppedAt = now;
    }

    /// It lets nobody else lead for a grace.
    void promises(Moment now) {
        promisedAt = now;
    }

    /// Until when it may have promised that, by the clock that never goes back.
    long promisedUntil() {
        return Objects.requireNonNull(promisedAt).monotonic() + timing.grace();
    }

    @Nullable
    Leadership leadership() {
        return leadership;
    }

    /// In a role that leads.
    Leadership leading() {
        return Objects.requireNonNull(leadership);
    }

    boolean isLedIn(int epoch) {
        return leadership != null && leadership.epoch() == epoch;
    }

    /// Whether it leads, and has not asked another to.
    boolean leads() {
        return leadership != null && !(role instanceof Yielding);
    }

    @Nullable
    Followership followership() {
        return followership;
    }

    /// Where it follows.
    Followership following() {
        return Objects.requireNonNull(followership);
    }

    boolean follows() {
        return role instanceof Following && followership != null;
    }

    boolean follows(Leader leader, int epoch) {
        return follows() && following().isOf(epoch, leader);
    }

    void beginsToLead(Leadership next) {
        followership = null;
        leadership = next;
    }

    void beginsToFollow(Followership next) {
        followership = next;
    }

    /// Neither leads nor follows, for now.
    void letsGo() {
        leadership = null;
        followership = null;
    }

    void leadsNoMore() {
        leadership = null;
    }

    void followsNobody() {
        followership = null;
    }

    /// Asks the leader for its log.
    void openStream(Moment now, Effects.Builder effects) {
        following().open(identity, ++streams, now, effects);
    }

    void stops() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    /// It is damaged, and hands over before it is fenced.
    void isDamagedBy(String reason) {
        damage = reason;
    }

    /// What is wrong with it, if it hands over for that, or null.
    @Nullable
    String damage() {
        return damage;
    }

    /// Shows records up to a sequence, if they are not shown yet.
    void commit(long to, Effects.Builder effects) {
        if (to > offsets.watermark()) {
            offsets.committedUpTo(to);
            effects.commit(to);
        }
    }

    /// It is another copy now, with nothing in it.
    void beginsAnew(InSyncCopy fresh) {
        identity = fresh;
        formerIdentities = Set.of();
        damage = null;
        offsets.beginAnew();
        become(new Following());
    }

    void checkInvariant() {
        if (!(role instanceof Rebuilding)) {
            offsets.check();
        }
    }
}
