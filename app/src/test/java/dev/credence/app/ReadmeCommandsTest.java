package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's commands on its own world do what it says: they run. */
class ReadmeCommandsTest {
    private static final Path README = Path.of("..", "README.md");

    @TempDir
    private Path folder;

    @Test
    void theCommandsOnTheFourLinesRun() throws IOException {
        assumeTrue(Files.exists(README), "no README beside the module");
        String readme = Files.readString(README);
        Matcher yaml = Pattern.compile("```yaml\\R(.*?)```", Pattern.DOTALL).matcher(readme);
        assertThat(yaml.find()).as("a YAML block").isTrue();
        Path world = Files.writeString(folder.resolve("world.yaml"), yaml.group(1));
        List<String> commands = readme.lines()
                .filter(line -> line.startsWith("./credence ") && line.contains(" world.yaml"))
                .toList();
        assertThat(commands).hasSizeGreaterThanOrEqualTo(2);
        for (String command : commands) {
            String typed = command.replaceFirst(" +#.*", "").substring("./credence ".length());
            Cli.run(typed.replace("world.yaml", world.toString()).split(" +", -1))
                    .exits(0);
        }
    }
}
