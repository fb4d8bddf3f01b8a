@org.jspecify.annotations.NullMarked
package dev.neurath.cli.doctor;
