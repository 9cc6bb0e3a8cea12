package io.caskade.server.simulator;

import java.util.ArrayList;
import java.util.List;

/// A mistake in one source file that a test or the simulation must notice.
///
/// @param scripted whether a test of replicas notices, because what it takes is too rare in the simulation
/// @param mistake what is wrong with it
/// @param source the file, below the module's directory
/// @param edits what is changed
record Mutant(boolean scripted, String mistake, String source, List<Edit> edits) {

    private static final String REPLICA = "src/main/java/io/caskade/server/replica/";
    private static final String PARTITION = "src/main/java/io/caskade/server/partition/";
    private static final String COMMAND = "src/main/java/io/caskade/server/command/";
    private static final String PROXY = "src/main/java/io/caskade/server/proxy/";
    private static final String SIMULATOR = "src/test/java/io/caskade/server/simulator/";

    /// One place.
    ///
    /// @param original what stands there, once
    /// @param replacement what is put in its place
    record Edit(String original, String replacement) {}

    /// A mistake in the protocol.
    static Mutant of(String mistake, String file, String original, String replacement) {
        return new Mutant(false, mistake, REPLICA + file + ".java", List.of(new Edit(original, replacement)));
    }

    /// A mistake in the protocol that shows only when several rare things come together.
    static Mutant rare(String mistake, String file, String original, String replacement) {
        return new Mutant(true, mistake, REPLICA + file + ".java", List.of(new Edit(original, replacement)));
    }

    /// A mistake in what hosts a copy.
    static Mutant hosting(String mistake, String file, String original, String replacement) {
        return new Mutant(false, mistake, PARTITION + file + ".java", List.of(new Edit(original, replacement)));
    }

    /// A mistake in what hosts a copy that shows only when something fails that seldom does, or between
    /// threads.
    static Mutant rareHosting(String mistake, String file, String original, String replacement) {
        return new Mutant(true, mistake, PARTITION + file + ".java", List.of(new Edit(original, replacement)));
    }

    /// A mistake in what decides commands.
    static Mutant command(String mistake, String file, String original, String replacement) {
        return new Mutant(false, mistake, COMMAND + file + ".java", List.of(new Edit(original, replacement)));
    }

    /// A mistake in what passes requests on, which tests of it notice.
    static Mutant proxy(String mistake, String file, String original, String replacement) {
        return new Mutant(true, mistake, PROXY + file + ".java", List.of(new Edit(original, replacement)));
    }

    /// A mistake in what is simulated: the disk, the coordinator.
    static Mutant around(String mistake, String file, String original, String replacement) {
        return new Mutant(false, mistake, SIMULATOR + file + ".java", List.of(new Edit(original, replacement)));
    }

    /// A mistake in what is simulated that shows only when several rare things come together.
    static Mutant rareAround(String mistake, String file, String original, String replacement) {
        return new Mutant(true, mistake, SIMULATOR + file + ".java", List.of(new Edit(original, replacement)));
    }

    /// The same mistake made at another place of the file too: some rules are kept twice.
    Mutant and(String original, String replacement) {
        List<Edit> both = new ArrayList<>(edits);
        both.add(new Edit(original, replacement));
        return new Mutant(scripted, mistake, source, List.copyOf(both));
    }

    @Override
    public String toString() {
        return mistake;
    }
}
