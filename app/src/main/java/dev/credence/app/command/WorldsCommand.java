package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.app.options.Names;
import dev.credence.app.view.WorldFacts;
import dev.credence.core.provenance.InputException;
import dev.credence.data.json.Json;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.worlds.Network;
import dev.credence.worlds.NetworkGraph;
import dev.credence.worlds.Networks;
import dev.credence.worlds.TableWorld;
import dev.credence.worlds.TableWorlds;
import dev.credence.worlds.Variable;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the worlds that ship with Credence, or prints one to start from. */
@Command(
        name = "worlds",
        header = "The worlds that ship with Credence, or the text of one to start from.",
        footer = {
            "",
            "Examples:",
            "  credence worlds",
            "  credence worlds authors > mine.yaml",
            "  credence worlds authors --graph > authors.svg"
        })
public final class WorldsCommand extends Subcommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            completionCandidates = Names.OfWorlds.class,
            description = "Print this world's file.")
    private @Nullable String name;

    @Option(names = "--graph", description = "Print the graph of NAME, or of a file, as a picture (SVG).")
    private boolean graph;

    /**
     * The command.
     *
     * @param console where it reads and prints
     */
    public WorldsCommand(Console console) {
        super(console);
    }

    @Override
    protected int run() throws IOException {
        common().json().check(List.of());
        if (graph) {
            return drawn();
        }
        List<String> names = name == null ? TableWorlds.builtIn() : List.of(name);
        List<Map<String, @Nullable Object>> facts =
                names.stream().map(WorldFacts::of).toList();
        if (printsText()) {
            print();
        }
        Map<String, @Nullable Object> document = Json.document("credence.worlds/1", provenance(Map.of(), List.of()));
        document.put("worlds", facts);
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private int drawn() throws IOException {
        if (name == null) {
            throw InputException.ofSetting("graph", "given", "name the world whose graph it is");
        }
        NetworkInput source = NetworkInput.read(name)
                .orElseThrow(() -> InputException.ofSetting(
                        "graph", "given", name + " is a table of texts: it has no variables to draw"));
        String svg = new NetworkGraph(source.network()).svg();
        if (printsText()) {
            console().out().print(svg);
            console().out().flush();
        }
        Map<String, @Nullable Object> drawn = new LinkedHashMap<>();
        drawn.put("name", name);
        drawn.put("graph", svg);
        Map<String, @Nullable Object> document =
                Json.document("credence.worlds/1", provenance(Map.of("graph", "true"), List.of(source.input())));
        document.put("worlds", List.of(drawn));
        common().json().write(console(), out -> Json.write(document, out));
        return ExitCode.DONE;
    }

    private void print() {
        if (name != null) {
            TableWorlds.builtInText(name).lines().forEach(console().out()::println);
            return;
        }
        TextTable table = new TextTable(0)
                .words("world", 20)
                .numbers("prompts")
                .numbers("outcomes")
                .words("rewards", 30);
        table.words("hidden", 20).words("policy", 8);
        for (String each : TableWorlds.builtIn()) {
            TableWorld world = TableWorlds.builtIn(each);
            table.row(
                    Style.PLAIN,
                    each,
                    String.valueOf(world.prior().prompts().size()),
                    String.valueOf(WorldFacts.texts(world.prior())),
                    String.join(", ", world.rewardNames()),
                    hidden(each),
                    world.policy().isPresent() ? "yes" : "no");
        }
        table.print(console());
    }

    private static String hidden(String name) {
        return Networks.builtIn(name, NetworkInput.REWARDS).map(Network::variables).orElse(List.of()).stream()
                .filter(Variable::isHidden)
                .map(Variable::name)
                .collect(Collectors.joining(", "));
    }
}
