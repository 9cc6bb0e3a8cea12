package io.caskade.cli;

import io.caskade.cli.command.CommandSpec;
import io.caskade.client.ClusterView;
import io.caskade.client.ClusterView.Node;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/// Completes the first word of a line to a command, and later ones to the command's options, nodes or
/// partitions.
final class CommandCompleter implements Completer {

    private final Supplier<Optional<ClusterView>> cluster;

    /// @param cluster the cluster, if it can be read quickly
    CommandCompleter(Supplier<Optional<ClusterView>> cluster) {
        this.cluster = cluster;
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        if (line.wordIndex() == 0) {
            addVerbs(candidates);
            return;
        }
        CommandSpec.named(line.words().getFirst()).ifPresent(spec -> {
            switch (spec) {
                case HELP -> addVerbs(candidates);
                case CLUSTER -> cluster(line, candidates);
                default -> addWords(spec.options().stream(), candidates);
            }
        });
    }

    private void cluster(ParsedLine line, List<Candidate> candidates) {
        List<String> before = line.words().subList(0, line.wordIndex());
        if (before.size() == 1) {
            addWords(CommandSpec.CLUSTER.options().stream(), candidates);
            return;
        }
        boolean moves =
                List.of("move-leader", "reassign").contains(before.get(1).toLowerCase(Locale.ROOT));
        if (moves && before.size() == 2) {
            addWords(
                    cluster.get().stream()
                            .flatMap(view -> view.partitions().stream())
                            .map(partition -> Integer.toString(partition.id())),
                    candidates);
        } else if (before.size() == (moves ? 3 : 2)) {
            addWords(cluster.get().stream().flatMap(CommandCompleter::nodes), candidates);
        }
    }

    private static Stream<String> nodes(ClusterView view) {
        TreeSet<String> ids = new TreeSet<>(view.nodes().stream().map(Node::id).toList());
        view.partitions().forEach(partition -> ids.addAll(partition.replicas()));
        return ids.stream();
    }

    private static void addWords(Stream<String> words, List<Candidate> candidates) {
        words.map(Candidate::new).forEach(candidates::add);
    }

    private static void addVerbs(List<Candidate> candidates) {
        Arrays.stream(CommandSpec.values())
                .map(spec -> new Candidate(spec.word(), spec.word(), null, spec.summary(), null, null, true))
                .forEach(candidates::add);
    }
}
