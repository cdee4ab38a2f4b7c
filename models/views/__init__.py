"""What a view keeps: camera, viewpoint, section, visibility, flights, annotations."""
