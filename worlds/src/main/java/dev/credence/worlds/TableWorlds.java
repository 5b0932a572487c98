package dev.credence.worlds;

import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads and writes table worlds: YAML (JSON is YAML too), or CSV where the name ends in {@code .csv}. Bad input is an
 * {@link InputException} that names file, line, field, value and rule.
 */
public final class TableWorlds {
    private static final List<String> BUILT_IN =
            List.of("t1", "t19", "camera", "authors", "helpful", "harmless", "proxy", "notebook", "questions");

    private TableWorlds() {}

    /** {@return the names of the worlds that ship with Credence} */
    public static List<String> builtIn() {
        return BUILT_IN;
    }

    /**
     * A world that ships with Credence.
     *
     * @param name one of {@link #builtIn()}
     * @return the world
     * @throws InputException if there is none of that name
     */
    public static TableWorld builtIn(String name) {
        return builtIn(name, TextRewards.none());
    }

    /**
     * A world that ships with Credence.
     *
     * @param name one of {@link #builtIn()}
     * @param rewards what a network's rewards of texts are made by
     * @return the world
     * @throws InputException if there is none of that name
     */
    public static TableWorld builtIn(String name, TextRewards rewards) {
        return parse("builtin:" + name + ".yaml", builtInText(name), rewards);
    }

    /**
     * The text of a world that ships with Credence.
     *
     * @param name one of {@link #builtIn()}
     * @return its YAML
     * @throws InputException if there is none of that name
     */
    public static String builtInText(String name) {
        if (!BUILT_IN.contains(name)) {
            throw new InputException("builtin:" + name, 0, "", "no such world", NearestName.hint(name, BUILT_IN));
        }
        try (InputStream in = TableWorlds.class.getResourceAsStream(name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + ".yaml is not in this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a world from a file.
     *
     * @param file YAML or CSV; a network is written out as the table of its texts
     * @return the world
     * @throws InputException if it breaks a rule
     * @throws UncheckedIOException if it cannot be read
     */
    public static TableWorld read(Path file) {
        return read(file, TextRewards.none());
    }

    /**
     * Reads a world from a file.
     *
     * @param file YAML or CSV; a network is written out as the table of its texts
     * @param rewards what a network's rewards of texts are made by
     * @return the world
     * @throws InputException if it breaks a rule
     * @throws UncheckedIOException if it cannot be read
     */
    public static TableWorld read(Path file, TextRewards rewards) {
        return parse(file.toString(), text(file), rewards);
    }

    /**
     * Reads a world from a text.
     *
     * @param file the name for messages; CSV where it ends in {@code .csv}
     * @param text its content
     * @return the world
     * @throws InputException if it breaks a rule
     */
    public static TableWorld parse(String file, String text) {
        return parse(file, text, TextRewards.none());
    }

    /**
     * Reads a world from a text.
     *
     * @param file the name for messages; CSV where it ends in {@code .csv}
     * @param text its content; a network is written out as the table of its texts
     * @param rewards what a network's rewards of texts are made by
     * @return the world
     * @throws InputException if it breaks a rule
     */
    public static TableWorld parse(String file, String text, TextRewards rewards) {
        if (isCsv(file)) {
            return new WorldBuilder(file).world(CsvWorlds.prompts(file, CsvRows.parse(file, text), "prior"));
        }
        Map<String, YamlNode> root = yaml(file, text);
        return Networks.isNetwork(root)
                ? new NetworkReader(file, rewards).network(root).table()
                : new WorldBuilder(file).world(new YamlWorlds(file).prompts(root));
    }

    /**
     * Reads a policy for a prior: a file shaped like a world ({@code policy:}, alone or under {@code prompts:}), or the bare
     * distribution, or CSV with the columns outcome and policy.
     *
     * @param file YAML or CSV
     * @param prior every prompt and outcome of it must be there, and no other
     * @return the policy, in the prior's order
     * @throws InputException if it breaks a rule
     * @throws UncheckedIOException if it cannot be read
     */
    public static TableModel readPolicy(Path file, TableModel prior) {
        return parsePolicy(file.toString(), text(file), prior);
    }

    /**
     * Reads a policy from a text.
     *
     * @param file the name for messages; CSV where it ends in {@code .csv}
     * @param text its content
     * @param prior the prior it is a policy of
     * @return the policy, in the prior's order
     * @throws InputException if it breaks a rule
     */
    public static TableModel parsePolicy(String file, String text, TableModel prior) {
        Map<String, RawPrompt> prompts = isCsv(file)
                ? CsvWorlds.prompts(file, CsvRows.parse(file, text), "policy")
                : new YamlWorlds(file).policies(yaml(file, text), prior.prompts());
        return new WorldBuilder(file).policy(prompts, prior);
    }

    /**
     * Writes a policy as {@link #readPolicy} reads it, to the last digit.
     *
     * @param policy the policy
     * @return YAML
     */
    public static String policyYaml(TableModel policy) {
        StringBuilder yaml = new StringBuilder();
        boolean single = policy.prompts().equals(List.of(""));
        if (!single) {
            yaml.append("prompts:\n");
        }
        for (String prompt : policy.prompts()) {
            String indent = single ? "" : "    ";
            if (!single) {
                yaml.append("  ").append(quoted(prompt)).append(":\n");
            }
            yaml.append(indent).append("policy:\n");
            Distribution distribution = policy.given(prompt);
            for (int i = 0; i < distribution.size(); i++) {
                yaml.append(indent)
                        .append("  ")
                        .append(quoted(distribution.outcomes().get(i)))
                        .append(": ")
                        .append(distribution.probability(i))
                        .append('\n');
            }
        }
        return yaml.toString();
    }

    static boolean isCsv(String file) {
        return file.toLowerCase(Locale.ROOT).endsWith(".csv");
    }

    static Map<String, YamlNode> yaml(String file, String text) {
        try {
            return YamlNode.read(file, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file.toString(), 0, "", "no such file", "give a world's file, YAML or CSV");
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new InputException(file.toString(), 0, "", "not UTF-8 text", "a world is a text file in UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Always in double quotes, so that names such as {@code yes}, {@code 1} or {@code a: b} stay what they are. */
    private static String quoted(String name) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            switch (c) {
                case '"', '\\' -> quoted.append('\\').append(c);
                case '\n' -> quoted.append("\\n");
                case '\t' -> quoted.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }
}
