package io.caskade.server.simulator;

import io.caskade.server.cluster.Coordinator;
import io.caskade.server.cluster.CoordinatorContract;
import io.caskade.server.simulator.CoordinatorLink.Reach;
import java.time.Duration;
import java.util.Random;

/// The contract, kept by the simulation in real time.
class SimulatedCoordinatorTest extends CoordinatorContract {

    private static final int MAX_DELAY_MILLIS = 5;

    private final RealTimeline timeline = new RealTimeline();
    private final CoordinationServers servers = new CoordinationServers(timeline);

    @Override
    protected NodeProcess start(String node, Duration sessionTimeout) {
        return new SimulatedProcess(new SimulatedCoordinator.Machine(), sessionTimeout);
    }

    @Override
    protected void stopServers() throws Exception {
        timeline.close();
    }

    private final class SimulatedProcess implements NodeProcess {

        private final CoordinatorLink link = new CoordinatorLink(new Random(1), MAX_DELAY_MILLIS);
        private final SimulatedCoordinator.Machine machine;
        private final Duration sessionTimeout;
        private final SimulatedCoordinator coordinator;

        SimulatedProcess(SimulatedCoordinator.Machine machine, Duration sessionTimeout) {
            this.machine = machine;
            this.sessionTimeout = sessionTimeout;
            this.coordinator =
                    SimulatedCoordinator.connect(timeline, timeline, servers, link, machine, sessionTimeout.toMillis());
        }

        @Override
        public Coordinator coordinator() {
            return coordinator;
        }

        @Override
        public void cut() {
            link.set(Reach.CUT);
        }

        @Override
        public void swallowAnswers() {
            link.set(Reach.ANSWERS_LOST);
        }

        @Override
        public void heal() {
            link.set(Reach.OPEN);
        }

        @Override
        public void expireSession() {
            coordinator.expireSession();
        }

        @Override
        public void crash() {
            coordinator.crash();
        }

        @Override
        public NodeProcess restart() {
            return new SimulatedProcess(machine, sessionTimeout);
        }

        @Override
        public void close() {
            coordinator.close();
        }
    }
}
