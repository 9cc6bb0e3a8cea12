package io.caskade.server.replica;

import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.replica.Role.Follower;
import io.caskade.server.replica.Role.Rebuilding;
import io.caskade.server.replica.Role.Resigned;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// This copy's identity, positions, role and role state. Shared by the parts of a [Replica].
final class LocalCopy {

    private final NodeIncarnation incarnation;
    private final Timeouts timeouts;
    private final long formerGrace;
    private final CatchUpThrottle throttle;
    private final LogPositions positions;
    private CopyId identity;
    private Set<CopyId> formerIdentities;

    private Role role = new Follower();

    /// Set in the leading roles.
    private @Nullable LeaderState leaderState;

    /// Set while it follows, once a state was seen.
    private @Nullable FollowerState followerState;

    /// When the last lease that this node has granted ends, by the monotonic clock. Until the first grant: one
    /// that an earlier process may have granted just before this one started.
    private long leaseGrantedUntil;

    private DiskSpace space = DiskSpace.ROOM;
    private @Nullable ClockReading steppedAt;
    private boolean stopping;

    /// What is damaged, until another whole copy allows this one to be replaced.
    private @Nullable String damage;
    private long lastStream;

    LocalCopy(ReplicaOptions options, RecoveredCopy recovered) {
        this.incarnation = options.incarnation();
        this.timeouts = options.timeouts();
        this.formerGrace = options.formerGrace();
        this.throttle = options.throttle();
        this.lastStream = options.lastStream();
        this.positions = new LogPositions(options.syncBeforeAck(), recovered);
        this.identity = options.copyId();
        this.formerIdentities = options.formerCopyIds();
    }

    /// The incarnation of this node.
    NodeIncarnation incarnation() {
        return incarnation;
    }

    String node() {
        return identity.node();
    }

    CopyId identity() {
        return identity;
    }

    Set<CopyId> formerIdentities() {
        return formerIdentities;
    }

    /// Limits what this node sends to copies that are not in sync.
    CatchUpThrottle throttle() {
        return throttle;
    }

    LogPositions positions() {
        return positions;
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

    /// After a pause of this process, restart the grace period: silence proves nothing.
    void observeTime(ClockReading now) {
        if (steppedAt == null) {
            leaseGrantedUntil = now.monotonic() + formerGrace;
        }
        boolean wasPaused = steppedAt != null && now.since(steppedAt) >= timeouts.lease();
        if (wasPaused && followerState != null) {
            followerState.failureDetector().recordContact(now);
        }
        steppedAt = now;
    }

    /// Records a lease grant, which binds this copy for [Timeouts#grant], and a millisecond more: clocks are
    /// read in whole ones.
    void recordLeaseGrant(ClockReading now) {
        leaseGrantedUntil = Math.max(leaseGrantedUntil, now.monotonic() + timeouts.grant() + 1);
    }

    /// The answer to a heartbeat: it says how long [#recordLeaseGrant] keeps it.
    Message.LeaseGrant leaseGrant(Message.Heartbeat heartbeat) {
        return new Message.LeaseGrant(
                heartbeat.epoch(), identity, heartbeat.sentAt(), timeouts.grant(), space != DiskSpace.ROOM);
    }

    void setSpace(DiskSpace now) {
        space = now;
    }

    /// Whether a leader here refuses puts, because its disk is full.
    boolean isDiskFull() {
        return space == DiskSpace.FULL;
    }

    /// When its last lease grant expires, by the monotonic clock.
    long leaseGrantedUntil() {
        return leaseGrantedUntil;
    }

    @Nullable
    LeaderState leaderState() {
        return leaderState;
    }

    /// The leader's state; only in a leading role.
    LeaderState requireLeaderState() {
        return Objects.requireNonNull(leaderState);
    }

    boolean isLeaderIn(int epoch) {
        return leaderState != null && leaderState.epoch() == epoch;
    }

    /// Whether it leads and has not resigned.
    boolean isLeading() {
        return leaderState != null && !(role instanceof Resigned);
    }

    @Nullable
    FollowerState followerState() {
        return followerState;
    }

    /// The follower's state; only while it follows.
    FollowerState requireFollowerState() {
        return Objects.requireNonNull(followerState);
    }

    boolean isFollowing() {
        return role instanceof Follower && followerState != null;
    }

    boolean isFollowing(NodeIncarnation leader, int epoch) {
        return isFollowing() && requireFollowerState().matches(epoch, leader);
    }

    void startLeading(LeaderState next) {
        followerState = null;
        leaderState = next;
    }

    void startFollowing(FollowerState next) {
        followerState = next;
        if (damage != null) {
            next.reportDamage();
        }
    }

    /// Discards the role's state: the copy neither leads nor follows.
    void clearRoleState() {
        leaderState = null;
        followerState = null;
    }

    void stopLeading() {
        leaderState = null;
    }

    void stopFollowing() {
        followerState = null;
    }

    /// Opens a stream from the leader.
    void openStream(ClockReading now, Effects.Builder effects) {
        requireFollowerState().openStream(identity, ++lastStream, now, effects);
    }

    void markStopping() {
        stopping = true;
    }

    boolean isStopping() {
        return stopping;
    }

    /// Records damage: the copy serves on until another whole copy is known to be alive.
    void recordDamage(String reason) {
        damage = reason;
        if (followerState != null) {
            followerState.reportDamage();
        }
    }

    /// What is damaged, or null.
    @Nullable
    String damage() {
        return damage;
    }

    boolean isDamaged() {
        return damage != null;
    }

    /// Raises the high watermark, which makes records visible.
    void advanceHighWatermark(long to, Effects.Builder effects) {
        if (to > positions.highWatermark()) {
            positions.setHighWatermark(to);
            effects.commit(to);
        }
    }

    /// Continues with an empty copy under a new identity.
    void replaceWith(CopyId fresh) {
        identity = fresh;
        formerIdentities = Set.of();
        damage = null;
        positions.reset();
        become(new Follower());
    }

    void checkInvariant() {
        if (!(role instanceof Rebuilding)) {
            positions.check();
        }
    }
}
