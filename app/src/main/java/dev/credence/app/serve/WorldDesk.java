package dev.credence.app.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.app.console.Console;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.report.PageParts;
import dev.credence.worlds.NetworkGraph;
import dev.credence.worlds.TableWorlds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Worlds: edited as YAML, their posterior as β moves. */
final class WorldDesk {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PROMPTS = 4;
    private static final int OUTCOMES = 24;
    /** Rewards that run a program or read elsewhere; a world that is typed into a page has none. */
    private static final Pattern FOREIGN = Pattern.compile("\\b(command|https?|class|model|lexicon)\\s*:");

    private final Program program;

    WorldDesk(Program program) {
        this.program = program;
    }

    void addTo(Map<String, WebService.Handler> handlers) {
        handlers.put("GET /api/worlds", request -> {
            ObjectNode document = JSON.createObjectNode().put("schema", "credence.worlds/1");
            TableWorlds.builtIn().forEach(document.putArray("worlds")::add);
            return WebAnswer.json(document);
        });
        handlers.put("GET /api/world", request -> {
            String name = request.query("name");
            if (!TableWorlds.builtIn().contains(name)) {
                throw WebRefusal.absent("world " + name);
            }
            return WebAnswer.json(JSON.createObjectNode()
                    .put("schema", "credence.world/1")
                    .put("name", name)
                    .put("yaml", TableWorlds.builtInText(name)));
        });
        handlers.put("POST /api/posterior", request -> WebAnswer.json(of(request.json(), this::posterior)));
        handlers.put("POST /part/posterior", request -> WebAnswer.json(of(request.json(), this::drawn)));
    }

    private interface Asked {
        JsonNode of(Path world, JsonNode asked) throws IOException;
    }

    private static JsonNode of(JsonNode asked, Asked answer) throws IOException {
        String yaml = asked.path("yaml").asText("");
        if (FOREIGN.matcher(yaml).find()) {
            throw new WebRefusal(
                    400, "a world whose rewards run programs, ask servers or read files is for the command line");
        }
        Path folder = Files.createTempDirectory("credence-world");
        Path file = folder.resolve("world.yaml");
        try {
            Files.writeString(file, yaml);
            return answer.of(file, asked);
        } catch (InputException e) {
            throw new WebRefusal(400, String.valueOf(e.getMessage()).replace(file.toString(), "world.yaml"));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    /** What {@code credence posterior} writes for programs. */
    private JsonNode posterior(Path world, JsonNode asked) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("posterior", world.toString()));
        for (String option : List.of("beta", "reward", "observe", "given")) {
            String value = asked.path(option).asText("").strip();
            if (option.equals("reward") && FOREIGN.matcher(value).find()) {
                throw new WebRefusal(400, "reward is " + value + "; name one of the world's");
            }
            if (!value.isEmpty()) {
                arguments.add("--" + option + "=" + value);
            }
        }
        arguments.add("--json");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream results = new PrintStream(out, false, StandardCharsets.UTF_8);
        PrintStream reports = new PrintStream(err, false, StandardCharsets.UTF_8);
        Console console =
                new Console(InputStream.nullInputStream(), results, reports, Console.Face.PLAIN_FILE);
        int code = program.run(arguments.toArray(String[]::new), console);
        results.flush();
        reports.flush();
        if (code != 0) {
            String said = err.toString(StandardCharsets.UTF_8).strip();
            throw new WebRefusal(
                    400, said.replace(world.toString(), "world.yaml").replaceFirst("^credence: ", ""));
        }
        return JSON.readTree(out.toByteArray());
    }

    /** The same with drawings: prior and posterior of each outcome, what is hidden, and the network. */
    private JsonNode drawn(Path world, JsonNode asked) throws IOException {
        Optional<NetworkInput> network = NetworkInput.read(world.toString());
        JsonNode document = posterior(world, asked);
        StringBuilder parts = new StringBuilder();
        int shown = 0;
        for (Map.Entry<String, JsonNode> prompt : document.path("prompts").properties()) {
            if (shown < PROMPTS) {
                shown++;
                pictures(shown, prompt.getKey(), prompt.getValue(), parts);
            }
        }
        ObjectNode answer = JSON.createObjectNode().put("schema", "credence.part/1");
        answer.set("posterior", document);
        answer.put("html", parts.toString());
        answer.put("left_off", document.path("prompts").size() - shown);
        network.ifPresent(input -> answer.put("graph", new NetworkGraph(input.network()).svg()));
        answer.set("rewards", JSON.valueToTree(WorldInput.read(world.toString()).world().rewardNames()));
        return answer;
    }

    private static void pictures(int number, String prompt, JsonNode of, StringBuilder parts) {
        String behind = prompt.isEmpty() ? "" : " behind “" + prompt + "”";
        if (of.path("outcomes").isObject() && !of.path("outcomes").isEmpty()) {
            List<String> names = new ArrayList<>();
            List<Double> prior = new ArrayList<>();
            List<Double> posterior = new ArrayList<>();
            for (Map.Entry<String, JsonNode> outcome : of.path("outcomes").properties()) {
                if (names.size() < OUTCOMES) {
                    names.add(outcome.getKey());
                    prior.add(outcome.getValue().path("prior").asDouble());
                    posterior.add(outcome.getValue().path("posterior").asDouble());
                }
            }
            int left = of.path("outcomes").size() - names.size();
            parts.append(PageParts.picture(
                    "outcomes-" + number,
                    Picture.bars(
                            "outcomes-" + number,
                            "Prior and posterior" + behind,
                            left == 0
                                    ? "Each outcome's probability before and after the evidence."
                                    : "The first " + OUTCOMES + " outcomes; " + left + " more are in the JSON.",
                            Picture.Axis.linear("probability"),
                            names,
                            List.of(series("prior", prior), series("posterior", posterior)))));
        }
        int hidden = 0;
        for (Map.Entry<String, JsonNode> variable : of.path("hidden").properties()) {
            List<String> names = new ArrayList<>();
            List<Double> prior = new ArrayList<>();
            List<Double> posterior = new ArrayList<>();
            for (Map.Entry<String, JsonNode> value : variable.getValue().properties()) {
                names.add(value.getKey());
                prior.add(value.getValue().path("prior").asDouble());
                posterior.add(value.getValue().path("posterior").asDouble());
            }
            if (!names.isEmpty()) {
                String id = "hidden-" + number + "-" + ++hidden;
                parts.append(PageParts.picture(
                        id,
                        Picture.bars(
                                id,
                                "Belief in " + variable.getKey() + behind,
                                "What the texts do not show, before and after the evidence.",
                                Picture.Axis.linear("probability"),
                                names,
                                List.of(series("prior", prior), series("posterior", posterior)))));
            }
        }
    }

    private static Picture.Series series(String name, List<Double> values) {
        return Picture.Series.bars(
                name, values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
