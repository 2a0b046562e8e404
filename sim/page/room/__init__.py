"""Class mode: a teacher hosts a world, students join and steer one account each."""
