package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.methods.ConditionerContract;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The conditioner of docs/extending.md, compiled from the document and put on the class path. */
class ExtendingTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "extending.md");

    @TempDir
    private Path folder;

    @Test
    void aUsersConditionerIsListedRunAndTested() throws IOException, ReflectiveOperationException {
        assumeTrue(Files.exists(DOCUMENT), "no documents beside the module");
        compile();
        Path services = folder.resolve("META-INF/services");
        Files.createDirectories(services);
        Files.writeString(services.resolve("dev.credence.methods.Conditioner"), "example.FirstOver\n");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader jar = new URLClassLoader(new URL[] {folder.toUri().toURL()}, before)) {
            thread.setContextClassLoader(jar);
            assertThat(Cli.run("methods").exits(0).out()).contains("first-over");
            JsonNode got = Cli.run("condition", "t1", "--method", "first-over", "--least", "2", "--json")
                    .exits(0)
                    .json("credence.condition/1")
                    .at("/methods/0");
            assertThat(got.at("/got/kl.policy_aimed/estimate").asDouble()).isZero();
            assertThat(got.at("/policy").get("").get("a").asDouble()).isZero();
            ConditionerContract suite = (ConditionerContract) jar.loadClass("example.FirstOverTest")
                    .getDeclaredConstructor()
                    .newInstance();
            suite.describesItself();
            suite.reachesItsLimitOnT1();
            suite.reachesItsLimitOnRandomWorlds();
            suite.holdsNoState();
        } finally {
            thread.setContextClassLoader(before);
        }
        assertThat(Cli.run("methods").out()).doesNotContain("first-over");
    }

    private void compile() throws IOException {
        Matcher blocks = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL).matcher(Files.readString(DOCUMENT));
        Path sources = Files.createDirectories(folder.resolve("sources"));
        int found = 0;
        while (blocks.find()) {
            Matcher name = Pattern.compile("(?:class|record) (\\w+)").matcher(blocks.group(1));
            assertThat(name.find()).isTrue();
            assertThat(blocks.group(1).lines().count()).isLessThanOrEqualTo(40);
            Files.writeString(sources.resolve(name.group(1) + ".java"), blocks.group(1));
            found++;
        }
        assertThat(found).isEqualTo(2);
        var compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler(), "a JDK");
        int code = compiler.run(
                null,
                null,
                null,
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                sources.resolve("FirstOver.java").toString(),
                sources.resolve("FirstOverTest.java").toString());
        assertThat(code).as("compiler's exit code").isZero();
    }
}
