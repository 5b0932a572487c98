package dev.credence.app.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.app.console.Console;
import dev.credence.app.view.WorldFacts;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.json.Json;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.report.PageParts;
import dev.credence.worlds.Network;
import dev.credence.worlds.NetworkGraph;
import dev.credence.worlds.Networks;
import dev.credence.worlds.TableWorld;
import dev.credence.worlds.TableWorlds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Worlds: edited as YAML, their posterior as β moves. */
final class WorldDesk {
    /** Options of `posterior` that a request may have, and all that it may have. */
    private static final List<String> OPTIONS = List.of("beta", "reward", "observe", "given");

    private static final List<String> ASKED =
            Stream.concat(Stream.of("yaml"), OPTIONS.stream()).toList();

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PROMPTS = 4;
    private static final int OUTCOMES = 24;
    private final Program program;
    private final Provenance made;

    WorldDesk(Program program, Provenance made) {
        this.program = program;
        this.made = made;
    }

    void addTo(Map<String, WebService.Handler> handlers) {
        handlers.put("GET /api/worlds", request -> {
            Map<String, @Nullable Object> document = Json.document("credence.worlds/1", made);
            document.put(
                    "worlds", TableWorlds.builtIn().stream().map(WorldFacts::of).toList());
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
        handlers.put("POST /api/posterior", request -> WebAnswer.json(of(request.json(ASKED), this::posterior)));
        handlers.put("POST /part/posterior", request -> WebAnswer.json(of(request.json(ASKED), this::drawn)));
    }

    private interface Asked {
        JsonNode of(Path world, TableWorld read, JsonNode asked) throws IOException;
    }

    private static JsonNode of(JsonNode asked, Asked answer) throws IOException {
        Path folder = Files.createTempDirectory("credence-world");
        Path file = folder.resolve("world.yaml");
        try {
            Files.writeString(file, asked.path("yaml").asText(""));
            return answer.of(file, TableWorlds.read(file, WorldDesk::ofText), asked); // before anything else reads it
        } catch (InputException e) {
            throw new WebRefusal(400, String.valueOf(e.getMessage()).replace(file.toString(), "world.yaml"));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    /** A world that is pasted into a page runs no program, asks no server and reads no other file. */
    private static RewardFunction ofText(String expression) {
        return RewardExpression.parse(LogPages.allowed("reward", expression));
    }

    /** What {@code credence posterior} writes for programs. */
    private JsonNode posterior(Path world, TableWorld read, JsonNode asked) throws IOException {
        List<String> rewards = read.rewardNames();
        List<String> arguments = new ArrayList<>(List.of("posterior", world.toString()));
        for (String option : OPTIONS) {
            String value = asked.path(option).asText("").strip();
            if (option.equals("reward") && value.isEmpty() && rewards.size() > 1) {
                value = rewards.get(0);
            }
            if (option.equals("reward") && !value.isEmpty() && !rewards.contains(value)) {
                throw new WebRefusal(400, "reward is " + value + "; the world has " + String.join(", ", rewards));
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
        Console console = new Console(InputStream.nullInputStream(), results, reports, Console.Face.PLAIN_FILE);
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
    private JsonNode drawn(Path world, TableWorld read, JsonNode asked) throws IOException {
        ObjectNode known = asked.deepCopy();
        if (!read.rewardNames().contains(asked.path("reward").asText(""))) {
            known.remove("reward"); // of the world that the page showed before
        }
        JsonNode document = posterior(world, read, known);
        Optional<Network> network = Networks.read(world, WorldDesk::ofText);
        StringBuilder parts = new StringBuilder();
        int drawn = 0;
        for (Map.Entry<String, JsonNode> prompt : document.path("prompts").properties()) {
            if (drawn < PROMPTS) {
                drawn++;
                pictures(drawn, prompt.getKey(), prompt.getValue(), parts);
            }
        }
        ObjectNode answer = JSON.createObjectNode().put("schema", "credence.part/1");
        answer.set("posterior", document);
        answer.put("html", parts.toString());
        answer.put("left_off", document.path("prompts").size() - drawn);
        network.ifPresent(graph -> answer.put("graph", new NetworkGraph(graph).svg(moved(document))));
        answer.set("rewards", JSON.valueToTree(read.rewardNames()));
        List<String> shown = new ArrayList<>();
        for (String id : List.of("log_z", "kl.asked_prior", "entropy.prior", "entropy.asked")) {
            JsonNode finding = document.path("findings").path(id);
            if (finding.path("estimate").isNumber()) {
                double estimate = finding.path("estimate").doubleValue();
                shown.add(finding.path("question").asText() + " " + FigureFormat.of(estimate) + " "
                        + finding.path("unit").asText());
            }
        }
        answer.set("shown", JSON.valueToTree(shown));
        return answer;
    }

    /** Of each variable the total variation between what is believed of it before and after, the mean over prompts. */
    private static Map<String, Double> moved(JsonNode posterior) {
        Map<String, Double> moved = new LinkedHashMap<>();
        for (JsonNode prompt : posterior.path("prompts")) {
            double weight = prompt.path("weight").asDouble();
            for (String kind : List.of("hidden", "visible")) {
                for (Map.Entry<String, JsonNode> variable : prompt.path(kind).properties()) {
                    double distance = 0;
                    for (JsonNode value : variable.getValue()) {
                        distance += Math.abs(value.path("posterior").asDouble()
                                        - value.path("prior").asDouble())
                                / 2;
                    }
                    moved.merge(variable.getKey(), weight * distance, Double::sum);
                }
            }
        }
        return moved;
    }

    private static void pictures(int number, String prompt, JsonNode of, StringBuilder parts) {
        String behind = prompt.isEmpty() ? "" : " behind “" + prompt + "”";
        JsonNode outcomes = of.path("outcomes");
        int left = outcomes.size() - OUTCOMES;
        String words = left <= 0
                ? "Each outcome's probability before and after the evidence."
                : "The first " + OUTCOMES + " outcomes; " + left + " more are in the JSON.";
        picture("outcomes-" + number, "Prior and posterior" + behind, words, outcomes, OUTCOMES, parts);
        int hidden = 0;
        for (Map.Entry<String, JsonNode> variable : of.path("hidden").properties()) {
            if (!variable.getValue().isEmpty()) {
                String title = "Belief in " + variable.getKey() + behind;
                String unseen = "What the texts do not show, before and after the evidence.";
                String id = "hidden-" + number + "-" + ++hidden;
                picture(id, title, unseen, variable.getValue(), Integer.MAX_VALUE, parts);
            }
        }
    }

    /** Bars of the prior and the posterior of the first of some values; nothing where there are none. */
    private static void picture(String id, String title, String words, JsonNode values, int most, StringBuilder parts) {
        if (!values.isObject() || values.isEmpty()) {
            return;
        }
        List<String> names = new ArrayList<>();
        List<Double> prior = new ArrayList<>();
        List<Double> posterior = new ArrayList<>();
        for (Map.Entry<String, JsonNode> value : values.properties()) {
            if (names.size() < most) {
                names.add(value.getKey());
                prior.add(value.getValue().path("prior").asDouble());
                posterior.add(value.getValue().path("posterior").asDouble());
            }
        }
        List<Picture.Series> series = List.of(series("prior", prior), series("posterior", posterior));
        parts.append(PageParts.picture(
                id, Picture.bars(id, title, words, Picture.Axis.linear("probability"), names, series)));
    }

    private static Picture.Series series(String name, List<Double> values) {
        return Picture.Series.bars(
                name, values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
