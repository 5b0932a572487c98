package dev.credence.worlds;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.provenance.InputException;
import dev.credence.worlds.RawPrompt.Cell;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** From the fields of a YAML file to a network, every rule checked. */
final class NetworkReader {
    private static final List<String> TOP =
            List.of("world", "variables", "text", "rewards", "populations", "prompts", "probes");
    private static final String WEIGHT = "weight";

    private final String file;
    private final TextRewards textRewards;
    private final WorldBuilder numbers;
    private VariableNames names = new VariableNames(List.of());

    NetworkReader(String file, TextRewards textRewards) {
        this.file = file;
        this.textRewards = textRewards;
        this.numbers = new WorldBuilder(file);
    }

    Network network(Map<String, YamlNode> root) {
        VariablesReader.requireKnown(file, root, "", TOP);
        YamlNode world = root.get("world");
        if (world != null) {
            world.scalar(file, "world");
        }
        List<Variable> variables =
                new VariablesReader(file).read(required(root, "variables", "a network has variables"));
        names = new VariableNames(variables);
        Template template = new TemplateReader(file, names)
                .read(required(root, "text", "a world says how a text is made, such as text: \"{mark} {quality}\""));
        Map<String, NetworkReward> rewards = new LinkedHashMap<>();
        fields(root, "rewards").forEach((name, node) -> rewards.put(name, reward(name, node)));
        Map<String, Event> populations = new LinkedHashMap<>();
        fields(root, "populations").forEach((name, node) -> populations.put(name, population(name, node)));
        Map<String, List<Integer>> probes = new LinkedHashMap<>();
        fields(root, "probes").forEach((name, node) -> probes.put(name, probe(name, node, rewards)));
        Network.Parts parts = new Network.Parts(template, rewards, populations, prompts(root), probes);
        Network network = new Network(file, variables, parts, Event.ALWAYS);
        network.prompts().forEach(network::prior); // each must be possible
        return network;
    }

    private YamlNode required(Map<String, YamlNode> root, String field, String rule) {
        YamlNode node = root.get(field);
        if (node == null) {
            throw new InputException(file, 0, field, "missing", rule);
        }
        return node;
    }

    private Map<String, YamlNode> fields(Map<String, YamlNode> root, String field) {
        YamlNode node = root.get(field);
        return node == null ? Map.of() : node.map(file, field);
    }

    private NetworkReward reward(String name, YamlNode node) {
        String field = "rewards." + name;
        if (name.isBlank() || name.indexOf('=') >= 0) {
            throw new InputException(file, node.line(), field, "no name", "a reward's name is a word without '='");
        }
        Map<String, YamlNode> fields = node.map(file, field);
        VariablesReader.requireKnown(file, fields, field + ".", List.of("of", "table", "text"));
        YamlNode text = fields.get("text");
        YamlNode of = fields.get("of");
        YamlNode table = fields.get("table");
        if (text != null && of == null && table == null) {
            return new NetworkReward(name, List.of(), List.of(), ofText(field + ".text", text), node.line());
        }
        if (text != null || of == null || table == null) {
            throw new InputException(
                    file,
                    node.line(),
                    field,
                    text != null ? "'text' beside 'of' or 'table'" : "without " + (of == null ? "'of'" : "'table'"),
                    "a reward is {of: [VARIABLES], table: {VALUES: NUMBER}} or {text: REWARD}");
        }
        List<Integer> variables = visible(field + ".of", of, "a reward reads what texts show");
        List<YamlNode> rows = keys(variables).rows(field + ".table", table);
        List<Double> values = new ArrayList<>();
        for (YamlNode row : rows) {
            String value = row.scalar(file, field + ".table");
            values.add(numbers.number(field + ".table", new Cell(value, row.line())) + 0.0); // no negative zero
        }
        return new NetworkReward(name, variables, values, null, node.line());
    }

    private RewardFunction ofText(String field, YamlNode node) {
        String expression = node.scalar(file, field);
        try {
            return textRewards.of(expression);
        } catch (InputException e) {
            throw new InputException(file, node.line(), field, "'" + expression + "'", e.rule());
        }
    }

    private List<Integer> visible(String field, YamlNode node, String why) {
        List<Integer> variables = new ArrayList<>();
        for (String name : node.scalars(file, field)) {
            int id = names.variable(name, error(field, node));
            if (names.variables().get(id).isHidden()) {
                throw new InputException(file, node.line(), field, "'" + name + "'", "it is hidden; " + why);
            }
            if (variables.contains(id)) {
                throw new InputException(file, node.line(), field, "'" + name + "' twice", "a variable may stand once");
            }
            variables.add(id);
        }
        if (variables.isEmpty()) {
            throw new InputException(file, node.line(), field, "empty", "it needs at least one variable");
        }
        return variables;
    }

    private RowKeys keys(List<Integer> variables) {
        return new RowKeys(
                file,
                variables.stream().map(id -> names.variables().get(id).values()).toList());
    }

    private List<Integer> probe(String name, YamlNode node, Map<String, NetworkReward> rewards) {
        String field = "probes." + name;
        Map<String, YamlNode> fields = node.map(file, field);
        VariablesReader.requireKnown(file, fields, field + ".", List.of("of"));
        YamlNode of = fields.get("of");
        if (of == null) {
            throw new InputException(file, node.line(), field + ".of", "missing", "a probe is {of: [VARIABLES]}");
        }
        List<Integer> variables = visible(field + ".of", of, "a probe is what texts show");
        for (NetworkReward reward : rewards.values()) {
            for (int id : variables) {
                if (reward.of().contains(id)) {
                    throw new InputException(
                            file,
                            of.line(),
                            field + ".of",
                            "'" + names.variables().get(id).name() + "'",
                            "reward '" + reward.name() + "' reads it; a probe is what no reward reads");
                }
            }
        }
        keys(variables).keys(field, of.line());
        return variables;
    }

    private Event population(String name, YamlNode node) {
        String field = "populations." + name;
        if (name.indexOf('=') >= 0) {
            throw new InputException(file, node.line(), field, "no name", "a population's name has no '='");
        }
        Map<Integer, BitSet> allowed = new TreeMap<>();
        node.map(file, field).forEach((variable, values) -> {
            String of = field + "." + variable;
            int id = names.variable(variable, error(of, values));
            List<String> texts = values.text() != null ? List.of(values.text()) : values.scalars(file, of);
            BitSet set = new BitSet();
            texts.forEach(text -> set.set(names.value(id, text, error(of, values))));
            if (set.isEmpty()) {
                throw new InputException(file, values.line(), of, "empty", "it needs at least one value");
            }
            allowed.put(id, set);
        });
        if (allowed.isEmpty()) {
            throw new InputException(file, node.line(), field, "empty", "it needs at least one variable");
        }
        return new Event(allowed, node.line());
    }

    private Map<String, NetworkPrompt> prompts(Map<String, YamlNode> root) {
        YamlNode node = root.get("prompts");
        if (node == null) {
            return Map.of("", NetworkPrompt.ONLY);
        }
        Map<String, NetworkPrompt> prompts = new LinkedHashMap<>();
        node.map(file, "prompts").forEach((name, each) -> prompts.put(name, prompt("prompts." + name, each)));
        if (prompts.isEmpty()) {
            throw new InputException(file, node.line(), "prompts", "empty", "it needs at least one prompt");
        }
        return prompts;
    }

    private NetworkPrompt prompt(String field, YamlNode node) {
        Map<Integer, BitSet> allowed = new TreeMap<>();
        double weight = 1;
        for (Map.Entry<String, YamlNode> entry : node.map(file, field).entrySet()) {
            YamlNode value = entry.getValue();
            String of = field + "." + entry.getKey();
            String text = value.scalar(file, of);
            if (entry.getKey().equals(WEIGHT)) {
                weight = weight(of, value, text);
            } else {
                int id = names.variable(entry.getKey(), error(of, value));
                BitSet set = new BitSet();
                set.set(names.value(id, text, error(of, value)));
                allowed.put(id, set);
            }
        }
        return new NetworkPrompt(new Event(allowed, node.line()), weight);
    }

    private double weight(String field, YamlNode node, String text) {
        if (names.variables().stream().anyMatch(variable -> variable.name().equals(WEIGHT))) {
            throw new InputException(
                    file,
                    node.line(),
                    field,
                    "a variable's name too",
                    "a prompt's weight would be taken for it: rename it");
        }
        double weight = numbers.number(field, new Cell(text, node.line()));
        if (!(weight > 0)) {
            throw new InputException(file, node.line(), field, text, "it must be positive");
        }
        return weight;
    }

    private BiFunction<String, String, InputException> error(String field, YamlNode node) {
        return (value, rule) -> new InputException(file, node.line(), field, value, rule);
    }
}
