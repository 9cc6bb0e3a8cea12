package io.caskade.server.simulator;

/// A mistake: one place in one source file is changed, and somebody must notice.
///
/// @param scripted whether a test of replicas notices, because what it takes is too rare in the simulation
/// @param mistake what is wrong with it
/// @param source the file, below the module's directory
/// @param original what stands there, once
/// @param replacement what is put in its place
record Mutant(boolean scripted, String mistake, String source, String original, String replacement) {

    private static final String REPLICA = "src/main/java/io/caskade/server/replica/";
    private static final String SIMULATOR = "src/test/java/io/caskade/server/simulator/";

    /// A mistake in the protocol.
    static Mutant of(String mistake, String file, String original, String replacement) {
        return new Mutant(false, mistake, REPLICA + file + ".java", original, replacement);
    }

    /// A mistake in the protocol that shows only when several rare things come together.
    static Mutant rare(String mistake, String file, String original, String replacement) {
        return new Mutant(true, mistake, REPLICA + file + ".java", original, replacement);
    }

    /// A mistake in what surrounds the protocol: the shell, the disk, the coordinator.
    static Mutant around(String mistake, String file, String original, String replacement) {
        return new Mutant(false, mistake, SIMULATOR + file + ".java", original, replacement);
    }

    @Override
    public String toString() {
        return mistake;
    }
}
