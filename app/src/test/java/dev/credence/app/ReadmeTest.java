package dev.credence.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README says what is true: its Java compiles and runs, its files are there. */
class ReadmeTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static String readme() throws IOException {
        return Files.readString(ROOT.resolve("README.md"));
    }

    private static String block(String language) throws IOException {
        Matcher matcher =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(readme());
        assertThat(matcher.find()).as("a block of " + language).isTrue();
        return matcher.group(1);
    }

    @Test
    void theJavaExampleCompilesAndGivesTheBayesFractionOfT3(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("world.yaml"), block("yaml"));
        String example = block("java")
                .replace("\"world.yaml\"", "args[0]")
                .replace("System.out.println(", "return String.valueOf(");
        String source =
                "import dev.credence.core.audit.*; import dev.credence.lab.*; import dev.credence.lab.audits.*;\n"
                        + "public class Example { public static String run(String[] args) throws Exception {\n"
                        + example + "}}\n";
        Path file = folder.resolve("Example.java");
        Files.writeString(file, source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options =
                    List.of("-d", folder.toString(), "-classpath", System.getProperty("java.class.path"));
            boolean compiled = compiler.getTask(
                            messages, files, null, options, null, files.getJavaFileObjects(file.toFile()))
                    .call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Object printed = loader.loadClass("Example")
                    .getMethod("run", String[].class)
                    .invoke(null, (Object)
                            new String[] {folder.resolve("world.yaml").toString()});
            assertThat((String) printed)
                    .startsWith("0.7453119")
                    .contains("only partly the prior conditioned on reward");
        }
    }

    @Test
    void itsTwoCommandsAreWhatContinuousIntegrationRuns() throws IOException {
        String[] commands = block("").strip().split("\n");
        assertThat(commands).containsExactly("./credence demo", "mvn verify");
        String ci = Files.readString(ROOT.resolve(".ci/run"));
        assertThat(ci).contains(commands);
    }

    @Test
    void everyFileItLinksToIsThere() throws IOException {
        Matcher links = Pattern.compile("\\]\\(([^)#:]+)\\)").matcher(readme());
        int found = 0;
        while (links.find()) {
            assertThat(ROOT.resolve(links.group(1))).exists();
            found++;
        }
        assertThat(found).isGreaterThan(3);
    }
}
