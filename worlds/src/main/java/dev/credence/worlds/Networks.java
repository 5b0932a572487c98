package dev.credence.worlds;

import dev.credence.core.provenance.InputException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads Bayesian networks: YAML with the field {@code variables}. */
public final class Networks {
    private static final Pattern MENTIONED = Pattern.compile("(?m)[\"'\\s{,]variables[\"']?\\s*:|^variables\\s*:");

    private Networks() {}

    /**
     * Reads a file, if it is a network rather than a table.
     *
     * @param file a world
     * @param rewards what its rewards of texts are made by
     * @return the network; none for a table
     * @throws InputException if it breaks a rule
     */
    public static Optional<Network> read(Path file, TextRewards rewards) {
        return parse(file.toString(), TableWorlds.text(file), rewards);
    }

    /**
     * Reads a text, if it is a network rather than a table.
     *
     * @param file the name for messages; what ends in {@code .csv} is a table
     * @param text its content
     * @param rewards what its rewards of texts are made by
     * @return the network; none for a table
     * @throws InputException if it breaks a rule
     */
    public static Optional<Network> parse(String file, String text, TextRewards rewards) {
        if (TableWorlds.isCsv(file) || !MENTIONED.matcher(text).find()) {
            return Optional.empty();
        }
        Map<String, YamlNode> root = TableWorlds.yaml(file, text);
        return isNetwork(root) ? Optional.of(new NetworkReader(file, rewards).network(root)) : Optional.empty();
    }

    /**
     * A network that ships with Credence.
     *
     * @param name one of {@link TableWorlds#builtIn()}
     * @param rewards what its rewards of texts are made by
     * @return the network; none for a table
     * @throws InputException if there is none of that name
     */
    public static Optional<Network> builtIn(String name, TextRewards rewards) {
        return parse("builtin:" + name + ".yaml", TableWorlds.builtInText(name), rewards);
    }

    static boolean isNetwork(Map<String, YamlNode> root) {
        return root.containsKey("variables");
    }
}
