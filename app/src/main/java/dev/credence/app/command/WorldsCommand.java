package dev.credence.app.command;

import dev.credence.app.console.Console;
import dev.credence.app.console.ExitCode;
import dev.credence.app.console.Style;
import dev.credence.app.console.TextTable;
import dev.credence.core.probability.TableModel;
import dev.credence.data.json.Json;
import dev.credence.worlds.TableWorld;
import dev.credence.worlds.TableWorlds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the worlds that ship with Credence, or prints one to start from. */
@Command(
        name = "worlds",
        header = "The worlds that ship with Credence, or the text of one to start from.",
        footer = {"", "Examples:", "  credence worlds", "  credence worlds t1 > world.yaml"})
public final class WorldsCommand extends Subcommand {
    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Print this world's file.")
    private @Nullable String name;

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
        List<String> names = name == null ? TableWorlds.builtIn() : List.of(name);
        List<Map<String, @Nullable Object>> facts =
                names.stream().map(WorldsCommand::facts).toList();
        if (printsText()) {
            print();
        }
        Map<String, @Nullable Object> document = Json.document("credence.worlds/1", provenance(Map.of(), List.of()));
        document.put("worlds", facts);
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
        table.words("policy", 8);
        for (String each : TableWorlds.builtIn()) {
            TableWorld world = TableWorlds.builtIn(each);
            table.row(
                    Style.PLAIN,
                    each,
                    String.valueOf(world.prior().prompts().size()),
                    String.valueOf(outcomes(world.prior())),
                    String.join(", ", world.rewardNames()),
                    world.policy().isPresent() ? "yes" : "no");
        }
        table.print(console());
    }

    private static Map<String, @Nullable Object> facts(String name) {
        TableWorld world = TableWorlds.builtIn(name);
        Map<String, @Nullable Object> facts = new LinkedHashMap<>();
        facts.put("name", name);
        facts.put("prompts", world.prior().prompts().size());
        facts.put("outcomes", outcomes(world.prior()));
        facts.put("rewards", new ArrayList<>(world.rewardNames()));
        facts.put("policy", world.policy().isPresent());
        facts.put("yaml", TableWorlds.builtInText(name));
        return facts;
    }

    private static int outcomes(TableModel prior) {
        return prior.prompts().stream()
                .mapToInt(prompt -> prior.given(prompt).size())
                .sum();
    }
}
