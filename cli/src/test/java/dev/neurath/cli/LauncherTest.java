package dev.neurath.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a tree of its own, with a PATH that holds what a bare Debian has, and what a test adds. */
final class LauncherTest {
    private static final String[] BARE = {
        "bash",
        "readlink",
        "dirname",
        "basename",
        "cut",
        "find",
        "sort",
        "xargs",
        "sha256sum",
        "mkdir",
        "flock",
        "tee",
        "sed",
        "touch",
        "mv",
        "rm",
        "mktemp",
        "grep",
        "cp",
        "cat",
        "env",
        "tail"
    };

    @TempDir
    private Path directory;

    private Path path;
    private Path tree;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void bareMachine() throws IOException {
        tree = Files.createDirectory(directory.resolve("tree"));
        Files.copy(Path.of(System.getProperty("neurath.root"), "neurath"), tree.resolve("neurath"));
        Files.writeString(tree.resolve("pom.xml"), "<project><jvm.flags>-Xmx64m</jvm.flags></project>");
        for (String module : new String[] {"cli", "coordinator", "host-agent", "testbed"}) {
            Path sources = Files.createDirectories(tree.resolve(module).resolve("src/main"));
            Files.writeString(sources.resolve("Source.java"), "one");
            Files.writeString(tree.resolve(module).resolve("pom.xml"), "<project/>");
        }
        path = Files.createDirectory(directory.resolve("bin"));
        for (String program : BARE) {
            script(program, "exec " + which(program) + " \"$@\"");
        }
        environment.put(
                "NEURATH_JVM_DIRECTORY",
                Files.createDirectory(directory.resolve("jvm")).toString());
    }

    @Test
    void without_a_jdk_25_it_ends_with_2_and_the_remedy_before_anything_is_built() throws Exception {
        script("mvn", "echo downloading >&2; exit 99");
        Captured run = launch("demo");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("no JDK 25 found")
                .contains("temurin-25-jdk")
                .contains("NEURATH_JAVA_HOME");
        assertThat(run.err()).doesNotContain("downloading");
        assertThat(tree.resolve("target")).doesNotExist();
    }

    @Test
    void a_jdk_of_another_version_is_not_taken_for_25() throws Exception {
        jdk(directory.resolve("jvm/temurin-25-liar"), "17.0.15");
        environment.put("JAVA_HOME", jdk(directory.resolve("jdk"), "250.1").toString());
        Captured run = launch("version");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("no JDK 25 found");
    }

    @Test
    void a_runtime_without_a_compiler_is_not_enough() throws Exception {
        Path runtime = jdk(directory.resolve("jre"), "25.0.3");
        Files.delete(runtime.resolve("bin/javac"));
        environment.put("JAVA_HOME", runtime.toString());
        assertThat(launch("version").exitCode()).isEqualTo(2);
    }

    @Test
    void a_wrong_java_home_that_was_asked_for_is_named() throws Exception {
        jdk(directory.resolve("jvm/jdk-25"), "25.0.3");
        environment.put("NEURATH_JAVA_HOME", "/nowhere");
        Captured run = launch("version");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("NEURATH_JAVA_HOME=/nowhere is not a JDK 25");
    }

    @Test
    void without_maven_it_ends_with_2_and_the_remedy() throws Exception {
        jdk(directory.resolve("jvm/jdk-25"), "25.0.3");
        Captured run = launch("version");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("apt-get install maven");
    }

    @Test
    void it_builds_once_and_again_only_when_a_source_changed() throws Exception {
        jdk(directory.resolve("jvm/jdk-25"), "25.0.3");
        mavenThatWorks();
        assertThat(launch("version").out()).contains("ran dev.neurath.cli.NeurathMain version");
        assertThat(launch("demo", "--vms", "3").out()).contains("ran dev.neurath.testbed.demo.DemoMain --vms 3");
        assertThat(builds()).isEqualTo(1);
        Files.writeString(tree.resolve("cli/src/main/Source.java"), "two");
        assertThat(launch("version").exitCode()).isZero();
        assertThat(builds()).isEqualTo(2);
        Files.writeString(tree.resolve("cli/src/main/Source.java"), "one");
        assertThat(launch("version").exitCode()).isZero();
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void a_build_that_failed_is_shown_and_leaves_nothing_to_run() throws Exception {
        jdk(directory.resolve("jvm/jdk-25"), "25.0.3");
        script("mvn", "echo '[ERROR] Foo.java:[3,1] no such thing'; exit 1");
        Captured run = launch("version");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("Foo.java:[3,1] no such thing").contains("the build failed");
        mavenThatWorks();
        assertThat(launch("version").exitCode()).isZero();
    }

    private void mavenThatWorks() throws IOException {
        script(
                "mvn",
                String.join(
                        "\n",
                        "cd " + tree,
                        "echo build >>" + directory.resolve("builds"),
                        "for module in cli coordinator host-agent testbed; do",
                        "  mkdir -p $module/target; echo jar >$module/target/$module-1-SNAPSHOT.jar",
                        "  echo /library.jar >$module/target/runtime.classpath",
                        "done"));
    }

    private long builds() throws IOException {
        return Files.readAllLines(directory.resolve("builds")).size();
    }

    private Path jdk(Path home, String version) throws IOException {
        Files.createDirectories(home.resolve("bin"));
        executable(home.resolve("bin/javac"), "echo javac " + version);
        // What the launcher runs, without flags and class path.
        executable(home.resolve("bin/java"), "while [ \"$1\" != -cp ]; do shift; done; shift 2; echo ran \"$@\"");
        return home;
    }

    private void script(String name, String body) throws IOException {
        executable(path.resolve(name), body);
    }

    private static void executable(Path file, String body) throws IOException {
        Files.writeString(file, "#!" + which("bash") + "\n" + body + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static Path which(String program) {
        for (String directory : System.getenv("PATH").split(":")) {
            Path candidate = Path.of(directory, program);
            if (Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        throw new IllegalStateException(program + " is missing on this machine");
    }

    private Captured launch(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 2];
        command[0] = which("bash").toString();
        command[1] = tree.resolve("neurath").toString();
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder launcher =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        launcher.environment().clear();
        launcher.environment().putAll(environment);
        launcher.environment().put("PATH", path.toString());
        Process process = launcher.start();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the launcher did not end: " + Files.readString(err, StandardCharsets.UTF_8));
        }
        return new Captured(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
